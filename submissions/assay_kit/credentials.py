"""Tokens on this machine: one file under the XDG config folder that only its owner can read."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay_kit.errors import WrongUsage

_FILE = "credentials.json"


def folder(environment: Mapping[str, str]) -> Path:
    """$XDG_CONFIG_HOME/assay, by default ~/.config/assay."""
    base = environment.get("XDG_CONFIG_HOME", "")
    # the XDG specification: a relative path is to be ignored
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".config") / "assay"


class Store:
    """{site: token} and the site that was signed in to last."""

    def __init__(self, home: Path) -> None:
        self.path = home / _FILE

    def _load(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"site": None, "tokens": {}}
        except (OSError, ValueError) as error:
            raise WrongUsage(f"{self.path}: {error}", next="remove the file and sign in again") from error
        if not isinstance(document, dict) or not isinstance(document.get("tokens"), dict):
            raise WrongUsage(f"{self.path} is damaged", next="remove the file and sign in again")
        return document

    def _save(self, document: dict[str, Any]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes the file 0600 before anything is in it, and the rename keeps two logins from mixing
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=_FILE)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=2)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @property
    def last_site(self) -> str | None:
        """Where `assay login` went last."""
        site = self._load().get("site")
        return site if isinstance(site, str) else None

    def token(self, site: str) -> str | None:
        """The token kept for `site`, never that of another one."""
        token = self._load()["tokens"].get(site)
        return token if isinstance(token, str) else None

    def keep(self, *, site: str, token: str) -> None:
        """Store the token and make `site` the one that is meant when none is named."""
        document = self._load()
        self._save({"site": site, "tokens": {**document["tokens"], site: token}})

    def forget(self, site: str) -> bool:
        """Remove the token of `site`; False when there was none. The site stays the default."""
        document = self._load()
        if site not in document["tokens"]:
            return False
        tokens = {key: value for key, value in document["tokens"].items() if key != site}
        self._save({"site": document.get("site"), "tokens": tokens})
        return True
