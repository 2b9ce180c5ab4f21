"""What an importer writes and names: arrays that the scorer holds, files that the container sees."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.datasets import CaseManifest, FileRef
from evaluators.contract.sealing import seal
from evaluators.importers.dataset import draw_labels, sha256_of


class Staging:
    """Files of one dataset version by their hash; references are sealed with `key` where there is one."""

    def __init__(self, folder: Path, *, key: str | None) -> None:
        self._folder = folder
        self._key = key
        #: sha256 -> where the bytes lie
        self.files: dict[str, Path] = {}
        self.staged: list[Path] = []
        #: sha256 -> every place of an input with these bytes
        self.places: dict[str, list[Path]] = {}

    def input(self, local: Path, *, shown: str) -> FileRef:
        """A file that the container sees at `shown`, where it lies."""
        digest = sha256_of(local)
        self.files[digest] = local
        self.places.setdefault(digest, []).append(local)
        return FileRef(path=shown, sha256=digest, size=local.stat().st_size)

    def reference(self, array: NDArray[Any], *, path: str) -> FileRef:
        """An array that the scorer holds, as .npy."""
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, allow_pickle=False)
        content = buffer.getvalue() if self._key is None else seal(buffer.getvalue(), key=self._key, path=path)
        digest = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        self.files[digest] = self._folder / digest
        if not self.files[digest].exists():
            self.files[digest].write_bytes(content)
            self.staged.append(self.files[digest])
        return FileRef(path=path, sha256=digest, size=len(content))

    def withdraw(self) -> None:
        """Remove what was written here."""
        for path in self.staged:
            path.unlink()


def labelled(cases: Sequence[CaseManifest], *, seed: str) -> tuple[CaseManifest, ...]:
    """The cases with labels drawn, in the order of their labels: the order must say no more than they do."""
    labels = draw_labels(count=len(cases), seed=seed)
    named = sorted(zip(labels, cases, strict=True), key=lambda pair: pair[0])
    return tuple(case.model_copy(update={"label": label}) for label, case in named)
