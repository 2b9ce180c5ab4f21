"""Layers and configs of images by their SHA-256, on disk: IMAGE_ROOT/ab/cdef…, each once, layers as plain tar.

Plain, because a worker then fetches at the speed of the disk; what saves room is that a layer is kept once.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from django.conf import settings

from assay.datasets.uploads import Received, receive, settle
from assay.images.archive import only_hash


def part_path(digest: str) -> Path:
    """Where a layer or a config lies; the same for one that is not there."""
    return Path(settings.IMAGE_ROOT) / digest[:2] / digest[2:]


def incoming() -> Path:
    """Where uploads lie until they are checked."""
    return Path(settings.IMAGE_ROOT) / "incoming"


class Staging:
    """What one archive brings, in temporary files until `settle`. What was not settled is gone at the end of the `with`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._parts: dict[str, Received] = {}

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def take(self, digest: str, chunks: Iterable[bytes]) -> str:
        """Write a part unless it is here; the SHA-256 of what came. Raises StorageFull, and what the stream raises."""
        if digest in self._parts or part_path(digest).is_file():
            return only_hash(digest, chunks)
        part = receive(chunks=chunks, folder=incoming(), max_bytes=settings.ARCHIVE_MAX_BYTES)
        received = self._stack.enter_context(part)
        if received.sha256 == digest:
            self._parts[digest] = received
        return received.sha256

    def settle(self) -> None:
        """Move every part to its place. Two uploads of one part at once are fine: both bring the same bytes."""
        for digest, received in self._parts.items():
            settle(received, at=part_path(digest))
        self._parts.clear()
