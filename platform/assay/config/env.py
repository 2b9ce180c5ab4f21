"""Reads settings from the environment, and says what is wrong with a value instead of guessing."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32


def env_str(name: str, default: str) -> str:
    """The text of a variable, or its default."""
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool) -> bool:
    """`true` or `false`. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; write true or false")
    return value.lower() == "true"


def env_int(name: str, default: int) -> int:
    """A whole number. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number") from None


def env_list(name: str, default: str) -> list[str]:
    """Comma-separated words, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def env_secret(name: str, *, fallback: Path | None = None) -> str:
    """A secret from NAME, from the file that NAME_FILE names, or from `fallback`, which is made on first use with mode 0600.

    Raises ImproperlyConfigured for none and for one that is too short to keep anything secret.
    """
    secret = _find_secret(name, fallback=fallback)
    if len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"{name} has {len(secret)} characters, {SHORTEST_SECRET} are needed; make one with `openssl rand -hex 32`"
        )
    return secret


def _find_secret(name: str, *, fallback: Path | None) -> str:
    if value := os.environ.get(name):
        return value
    if named := os.environ.get(f"{name}_FILE"):
        return Path(named).read_text().strip()
    if fallback is None:
        raise ImproperlyConfigured(f"{name} is not set; set it, or {name}_FILE to a file that holds it")
    if not fallback.exists():
        _make_secret(fallback)
    return fallback.read_text().strip()


def _make_secret(path: Path) -> None:
    """A fresh secret under `path`, unless another process of this site is faster; nobody ever sees it half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)  # appears whole, and never replaces one that is there
    finally:
        Path(name).unlink()
