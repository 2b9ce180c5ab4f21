"""Where a setting comes from: flag, environment, ./assay.toml, the person's own config.toml, the last `assay login`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assay_kit import credentials
from assay_kit.errors import WrongUsage

PROJECT_FILE = "assay.toml"
KEYS = frozenset({"site", "team", "phase", "image", "method", "card"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def normalised_site(text: str) -> str:
    """`text` as scheme://host[:port][/path] without a slash at its end. Raises WrongUsage.

    Without a scheme it is https, and http for the machine itself.
    """
    text = text.strip().rstrip("/")
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise WrongUsage(f"{text!r} is not the address of a site", next="write it like https://assay.example")
    return text


def is_loopback(site: str) -> bool:
    """Whether `site` is this very machine."""
    return urlsplit(site).hostname in _LOOPBACK


def travels_in_clear(site: str) -> bool:
    """Whether a token sent to `site` can be read on its way."""
    return site.startswith("http://") and not is_loopback(site)


def _read(path: Path) -> dict[str, str]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongUsage(f"{path}: {error}", next="mend the file or move it away") from error
    for key, value in document.items():
        if key in {"token", "password"}:
            raise WrongUsage(f"{path}: a token does not belong in this file", next="remove it and use `assay login`")
        if key in KEYS and not isinstance(value, str):
            raise WrongUsage(f"{path}: {key} must be text", next=f'write {key} = "…"')
    # keys that a later release of the kit reads are left alone
    return {key: value for key, value in document.items() if key in KEYS}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every layer below the flags, highest first."""

    environment: Mapping[str, str]
    project: Mapping[str, str]
    user: Mapping[str, str]
    last_site: str | None

    @classmethod
    def load(cls, *, environment: Mapping[str, str], folder: Path) -> Settings:
        """`folder` is where assay.toml may lie. Raises WrongUsage for a file that cannot be read."""
        home = credentials.folder(environment)
        return cls(
            environment=environment,
            project=_read(folder / PROJECT_FILE),
            user=_read(home / "config.toml"),
            last_site=credentials.Store(home).last_site,
        )

    def get(self, key: str, flag: str | None = None) -> str | None:
        """The first layer that names `key`; an empty text does not count."""
        layers = (flag, self.environment.get(f"ASSAY_{key.upper()}"), self.project.get(key), self.user.get(key))
        return next((value for value in layers if value), None)

    def site(self, flag: str | None = None) -> str:
        """Raises WrongUsage where no layer names one."""
        found = self.get("site", flag) or self.last_site
        if found is None:
            raise WrongUsage("no site is named", next="assay login https://…, or --site, or ASSAY_SITE")
        return normalised_site(found)
