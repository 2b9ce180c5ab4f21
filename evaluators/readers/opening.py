"""The door: one regular file of bounded size, opened without following links."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from evaluators.contract.datasets import check_relative_path
from evaluators.contract.failures import CaseFailure
from evaluators.readers.errors import ReadFailure

#: O_NONBLOCK: a FIFO without a writer would hold us for ever
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def opened(
    path: Path | str, *, below: Path | None = None, most: int, what: str, links: bool = False
) -> Iterator[tuple[BinaryIO, int]]:
    """(file, its size). most: bytes above which it is refused unread, for the reason `what`.

    path: the file; with `below`, relative to that folder, and no component of it may be a link. links: whether the file
    itself may be one: for a person's own files alone. Raises ReadFailure MISSING_FILE or FORBIDDEN_FILE.
    """
    if below is None:
        descriptor = _open(Path(path), flags=_FLAGS & ~os.O_NOFOLLOW if links else _FLAGS)
    else:
        descriptor = _open_below(below, str(path))
    try:
        size = _regular_size(descriptor, most=most, what=what)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            yield file, size
    finally:
        os.close(descriptor)


def _regular_size(descriptor: int, *, most: int, what: str) -> int:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise ReadFailure(CaseFailure.FORBIDDEN_FILE, "not a regular file")
    if facts.st_size > most:
        raise ReadFailure(CaseFailure.FORBIDDEN_FILE, f"larger than {most} bytes, the most that is read {what}")
    return facts.st_size


def _open(path: Path | str, *, folder: int | None = None, flags: int = _FLAGS) -> int:
    try:
        return os.open(path, flags, dir_fd=folder)
    except FileNotFoundError:
        raise ReadFailure(CaseFailure.MISSING_FILE, "") from None
    except OSError as error:
        # a link (ELOOP), a socket (ENXIO), a file in place of a folder (ENOTDIR)
        if error.errno in {errno.ELOOP, errno.ENXIO, errno.ENODEV}:
            raise ReadFailure(CaseFailure.FORBIDDEN_FILE, "not a regular file") from None
        if error.errno == errno.ENOTDIR:
            # O_DIRECTORY | O_NOFOLLOW on a link says ENOTDIR as well
            raise ReadFailure(CaseFailure.FORBIDDEN_FILE, "a part of the path is not a folder") from None
        raise


def _open_below(below: Path, relative: str) -> int:
    *folders, name = check_relative_path(relative).split("/")
    folder = os.open(below, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            inner = _open(part, folder=folder, flags=_FLAGS | os.O_DIRECTORY)
            os.close(folder)
            folder = inner
        return _open(name, folder=folder)
    finally:
        os.close(folder)
