"""Inversion and echo times of mapping scans, from the csv beside them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluators.importers.problems import BadFile


@dataclass(frozen=True, kw_only=True)
class Times:
    """What the numbers of a csv are."""

    #: in words, such as "inversion times"
    what: str
    #: weightings that the fit needs
    fewest: int
    #: the longest time of a real protocol is at least this: below it, the numbers are seconds
    longest: float


INVERSION = Times(what="inversion times", fewest=4, longest=100.0)
ECHO = Times(what="echo times of the T2 preparation", fewest=2, longest=5.0)


def read_times(path: Path, *, times: Times, frames: int, slices: int) -> NDArray[np.float32]:
    """(slice, weighting) in milliseconds, as CalEvalMap.py reads it: a head line, then one row a weighting.

    The first cell of a row is its name, then one time a slice; a single column serves all slices (the challenge reads T2map.csv
    that way). Rows and columns beyond the scan's are left alone, as there. 0 at the end of a column of inversion times stands
    for an image that was not acquired. Raises BadFile.
    """
    wanted = (
        f"{times.what} in ms: a head line, then {frames} rows of a name and {slices} numbers (or one for all slices)"
    )

    def bad(found: str) -> BadFile:
        return BadFile(wanted=wanted, found=found)

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error):
        raise bad("no csv text") from None
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) <= frames:
        raise bad(f"{max(len(rows) - 1, 0)} rows below the head line")
    columns: list[list[float]] = []
    for number, row in enumerate(rows[1 : frames + 1], start=2):
        cells = [cell.strip() for cell in row[1:]]
        while cells and not cells[-1]:
            cells.pop()
        try:
            columns.append([float(cell) for cell in cells])
        except ValueError:
            raise bad(f"{','.join(row)!r} in line {number}") from None
    width = {len(row) for row in columns}
    if len(width) != 1:
        raise bad(f"rows of {' and '.join(map(str, sorted(width)))} numbers")
    table = np.array(columns, dtype=np.float32).T
    if len(table) == 1:
        table = np.repeat(table, slices, axis=0)
    if len(table) < slices:
        raise bad(f"{len(table)} numbers a row")
    found: NDArray[np.float32] = np.ascontiguousarray(table[:slices])
    if not np.isfinite(found).all() or (found < 0).any():
        raise bad("a negative number, NaN or infinity")
    if found.max() < times.longest:
        raise bad(f"at most {found.max():g}: seconds?")
    different = min(np.unique(row).size for row in found)
    if different < times.fewest:
        raise bad(f"{different} different times in a slice, the fit needs {times.fewest}")
    return found
