"""Files by their hash, on disk: BLOB_ROOT/ab/cdef…"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from assay.datasets.errors import HashMismatch
from assay.datasets.uploads import receive, settle


def blob_path(sha256: str) -> Path:
    """Where a blob lies; the same for one that is not there."""
    return Path(settings.BLOB_ROOT) / sha256[:2] / sha256[2:]


def write_blob(*, chunks: Iterable[bytes], sha256: str) -> int:
    """Take a stream in under its hash and give its size in bytes.

    Writing the same blob twice, or twice at once, is fine. Raises HashMismatch, TooLarge, UploadBroken: nothing is kept.
    """
    incoming = Path(settings.BLOB_ROOT) / "incoming"
    with receive(chunks=chunks, folder=incoming, max_bytes=settings.BLOB_MAX_BYTES) as received:
        if received.sha256 != sha256:
            raise HashMismatch
        settle(received, at=blob_path(sha256))
        return received.size
