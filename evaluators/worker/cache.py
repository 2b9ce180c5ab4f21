"""Inputs and sealed references by their hash: fetched once, verified, linked into each run's own folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import PlatformFailure
from evaluators.worker.errors import PlatformFault

Fetch = Callable[[str], AbstractContextManager[Iterator[bytes]]]


class Cache:
    """A folder of files named by their SHA-256, bounded in bytes; the longest unused leave first."""

    def __init__(self, *, root: Path, limit: int) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._limit = limit

    def bring(self, *, files: Iterable[FileRef], fetch: Fetch) -> None:
        """Fetch what is not here yet. Raises PlatformFault(DATA) when the bytes are not what their name says."""
        # in the order of hashes: nothing about a file's place on disk tells which cases belong together
        for sha256, size in sorted({(file.sha256, file.size) for file in files}):
            path = self._path(sha256)
            if path.exists():
                continue
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._root, delete=False) as part:
                try:
                    digest = hashlib.sha256()
                    with fetch(sha256) as chunks:
                        for chunk in chunks:
                            digest.update(chunk)
                            part.write(chunk)
                    part.flush()
                    if digest.hexdigest() != sha256 or part.tell() != size:
                        raise PlatformFault(code=PlatformFailure.DATA, detail=f"blob {sha256[:12]} arrived changed")
                    os.fsync(part.fileno())
                except BaseException:
                    Path(part.name).unlink(missing_ok=True)
                    raise
            Path(part.name).chmod(0o444)
            os.utime(part.name, (0, 0))
            Path(part.name).rename(path)

    def link(self, *, sha256: str, target: Path) -> None:
        """Put a cached file at `target` without copying it where the file system can."""
        source = self._path(sha256)
        # the access time orders the trim; the modification time stays 0 and tells a container nothing
        os.utime(source, times=(time.time(), 0))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(source)

    def trim(self) -> None:
        """Drop the longest unused files until the rest fits."""
        files = sorted(
            ((stat.st_atime, stat.st_size, path) for path in self._root.glob("??/*") for stat in (path.stat(),)),
            key=lambda entry: (entry[0], str(entry[2])),
        )
        excess = sum(size for _, size, _ in files) - self._limit
        for _, size, path in files:
            if excess <= 0:
                return
            path.unlink()
            excess -= size

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256
