"""The door: one regular file of bounded size, opened without following links, handed to the reader of its format."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.datasets import check_relative_path
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import check_values, largest_file
from evaluators.readers.errors import ReadFailure
from evaluators.readers.hdf5 import HDF5_MAGIC, HDF5_OFFSETS, read_hdf5
from evaluators.readers.hdf5_parser import start
from evaluators.readers.mat5 import looks_like_mat5, read_mat5

#: O_NONBLOCK: a FIFO without a writer would hold us for ever
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read(path: Path | str, *, spec: OutputSpec, below: Path | None = None) -> NDArray[np.floating[Any]]:
    """The array that `spec` asks for, float32 or float64 as stored, axes in the task's order, every value finite.

    path: the file; with `below`, relative to that folder, and no component of it may be a link.
    Raises ReadFailure MISSING_FILE, FORBIDDEN_FILE, BAD_FORMAT, BAD_SHAPE, BAD_VALUE or NOT_FINITE.
    """
    descriptor = _open(Path(path)) if below is None else _open_below(below, str(path))
    try:
        size = _regular_size(descriptor, spec=spec)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return check_values(_read_open(file, size=size, spec=spec))
    finally:
        os.close(descriptor)


def prepare(spec: OutputSpec) -> None:
    """Start what reading will need, before a file can be blamed for it. Raises ParserMissing."""
    if "mat-v7.3" in spec.formats:
        start()


def _regular_size(descriptor: int, *, spec: OutputSpec) -> int:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise ReadFailure(CaseFailure.FORBIDDEN_FILE, "not a regular file")
    if facts.st_size > largest_file(spec):
        detail = f"larger than {largest_file(spec)} bytes, the most that is read for this shape"
        raise ReadFailure(CaseFailure.FORBIDDEN_FILE, detail)
    return facts.st_size


def _read_open(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[np.floating[Any]]:
    found = _format(file, size=size)
    if found is None or found not in spec.formats:
        raise ReadFailure(CaseFailure.BAD_FORMAT, f"not a file of the format {' or '.join(spec.formats)}")
    array = read_hdf5(file, spec=spec) if found == "mat-v7.3" else read_mat5(file, size=size, spec=spec)
    return array.reshape(spec.shape, order="F")


def _format(file: BinaryIO, *, size: int) -> str | None:
    for offset in HDF5_OFFSETS:
        file.seek(offset)
        if offset < size and file.read(len(HDF5_MAGIC)) == HDF5_MAGIC:
            return "mat-v7.3"
    file.seek(0)
    return "mat-v7" if looks_like_mat5(file.read(128)) else None


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
