"""Takes a request's body to disk as a stream: bounded, hashed on the way, and gone again unless it arrived whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from assay.datasets.errors import LengthNeeded, StorageFull, TooLarge, UploadBroken

CHUNK = 2**20
#: no room on the disk, in the quota, or in what one file may take
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: what a killed process left behind is removed after this many seconds
_ABANDONED = 86_400


@dataclass(frozen=True, kw_only=True)
class Received:
    """A file that arrived whole; it vanishes at the end of the `with` unless it was moved away."""

    path: Path
    size: int
    sha256: str


def body_chunks(request: HttpRequest) -> Iterator[bytes]:
    """The raw body, with a length or chunked. Raises UploadBroken when it ends early, LengthNeeded."""
    written = request.META.get("CONTENT_LENGTH") or ""  # some servers say "" where there is none
    announced = int(written) if written.isdecimal() else None
    if announced is not None:
        source = request
    elif request.META.get("wsgi.input_terminated"):
        # Django reads no body without a length; a server that ends the stream by itself says so
        source = request.META["wsgi.input"]
    else:
        raise LengthNeeded
    received = 0
    try:
        while chunk := source.read(CHUNK):
            received += len(chunk)
            yield chunk
    except (UnreadablePostError, OSError) as error:
        raise UploadBroken from error
    if announced is not None and received < announced:
        raise UploadBroken(f"{received} of {announced} bytes arrived; nothing was kept.")


@contextlib.contextmanager
def refuses_when_full() -> Iterator[None]:
    """Around writes: a full disk becomes StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise


@contextlib.contextmanager
def receive(*, chunks: Iterable[bytes], folder: Path, max_bytes: int) -> Iterator[Received]:
    """Write a stream to a temporary file in `folder` (the file system of its later place) and flush it to the disk.

    Raises TooLarge at the first byte above max_bytes, StorageFull, and what the stream raises; then nothing is left.
    """
    with refuses_when_full():
        folder.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(folder)
        handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    path = Path(name)
    digest = hashlib.sha256()
    size = 0
    try:
        with refuses_when_full(), os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise TooLarge(f"The file is larger than {max_bytes} bytes, the most this site takes.")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Received(path=path, size=size, sha256=digest.hexdigest())
    finally:
        path.unlink(missing_ok=True)


def settle(received: Received, *, at: Path) -> None:
    """Move a received file to its place in one step; the name is on the disk when this returns. Raises StorageFull."""
    with refuses_when_full():
        at.parent.mkdir(parents=True, exist_ok=True)
        received.path.chmod(0o640)
        received.path.replace(at)
        folder = os.open(at.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _clear_abandoned(folder: Path) -> None:
    before = time.time() - _ABANDONED
    for leftover in folder.glob("incoming-*"):
        with contextlib.suppress(FileNotFoundError):  # another process clears as well
            if leftover.stat().st_mtime < before:
                leftover.unlink()
