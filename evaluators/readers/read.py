"""One array from one file, by the reader of the format that the task names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.checks import check_values, largest_file
from evaluators.readers.errors import ReadFailure
from evaluators.readers.formats import READERS, sniff
from evaluators.readers.hdf5_parser import start
from evaluators.readers.opening import opened


def read(path: Path | str, *, spec: OutputSpec, below: Path | None = None) -> NDArray[Any]:
    """The array that `spec` asks for, axes in the task's order, every value allowed: finite as stored, or labels as integers.

    path: the file; with `below`, relative to that folder, and no component of it may be a link.
    Raises ReadFailure MISSING_FILE, FORBIDDEN_FILE, BAD_FORMAT, BAD_SHAPE, BAD_GRID, BAD_VALUE or NOT_FINITE.
    """
    with opened(path, below=below, most=largest_file(spec), what="for this shape") as (file, size):
        if not size:
            raise ReadFailure(CaseFailure.BAD_FORMAT, "an empty file")
        found = sniff(file)
        if found is None or found not in spec.formats:
            raise ReadFailure(CaseFailure.BAD_FORMAT, f"not a file of the format {' or '.join(spec.formats)}")
        array = READERS[found](file, size=size, spec=spec).reshape(spec.shape, order="F")
        return check_values(array, spec=spec)


def prepare(spec: OutputSpec) -> None:
    """Start what reading will need, before a file can be blamed for it. Raises ParserMissing."""
    if "mat-v7.3" in spec.formats:
        start()
