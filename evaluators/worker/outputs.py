"""The output store: copies of what containers wrote, one folder per output digest, kept for a retention time."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from evaluators.contract.failures import FailureNote
from evaluators.contract.outputs import ArchivedFile, output_digest

Manifest = dict[str, ArchivedFile | FailureNote]
_MANIFEST = TypeAdapter(Manifest)


class OutputStore:
    """root/<digest>/{files/<sha256>, <evaluation>.json}. Equal outputs of two evaluations share the files."""

    def __init__(self, *, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root

    def stage(self) -> Path:
        """An empty folder for the archiver, in the store's own file system."""
        folder = self._root / f".part-{secrets.token_hex(8)}"
        folder.mkdir()
        return folder

    def keep(
        self,
        *,
        staged: Path,
        evaluation: str,
        files: Mapping[str, ArchivedFile],
        failures: Mapping[str, FailureNote],
    ) -> str:
        """Move what was archived into place. Returns the output digest; the manifest is written last."""
        digest = output_digest(files)
        folder = self._root / digest
        folder.mkdir(exist_ok=True)
        try:
            staged.rename(folder / "files")
        except OSError:  # the same output was kept before
            shutil.rmtree(staged)
        manifest: Manifest = {**files, **failures}
        part = folder / f".{evaluation}.part"
        part.write_bytes(_MANIFEST.dump_json(manifest))
        part.rename(folder / f"{evaluation}.json")
        return digest

    def files(self, *, digest: str) -> Path:
        """The folder of files named by their hash."""
        return self._root / digest / "files"

    def manifest(self, *, digest: str, evaluation: str) -> Manifest | None:
        """Path -> copy or failure; None when this evaluation's output is not, or no longer, here."""
        path = self._root / digest / f"{evaluation}.json"
        if not path.exists() or not self.files(digest=digest).is_dir():
            return None
        return _MANIFEST.validate_json(path.read_bytes())

    def keep_longer(self, *, digest: str) -> None:
        """The retention time begins anew."""
        (self._root / digest).touch()

    def tidy(self, *, keep_seconds: float) -> None:
        """Remove half-made folders and outputs older than the retention time. Never called while a run goes on."""
        now = time.time()
        for folder in self._root.iterdir():
            if folder.name.startswith(".part-") or now - folder.stat().st_mtime > keep_seconds:
                shutil.rmtree(folder, ignore_errors=True)
