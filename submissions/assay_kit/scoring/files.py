"""One array out of one file, whichever format, with what the file says of its grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo
from assay_kit.scoring.json_arrays import read_json


@dataclass(frozen=True, kw_only=True)
class Found:
    """An array, real and finite. spacing: mm, one number an axis in the array's order; None where the file says nothing."""

    name: str
    array: NDArray[Any]
    spacing: tuple[float, ...] | None
    #: its format drops trailing axes of size 1
    matlab: bool


def load(path: Path, *, variable: str | None) -> Found:
    """Raises AnswerIsNo with the readers' codes."""
    if path.suffix.lower() == ".json":
        return Found(name=path.name, array=read_json(path, variable=variable), spacing=None, matlab=False)
    try:
        array = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise AnswerIsNo(f"there is no file {path}", code="MISSING_FILE") from None
    return Found(name=path.name, array=_checked(array, file=path.name), spacing=None, matlab=False)


def _checked(array: NDArray[Any], *, file: str) -> NDArray[Any]:
    """`array` if it holds real, finite numbers that single precision can hold. Raises AnswerIsNo BAD_VALUE, NOT_FINITE."""
    if array.dtype.kind == "c":
        raise AnswerIsNo(f"{file} holds complex numbers", code="BAD_VALUE", next="write their magnitude: abs(array)")
    if array.dtype.kind not in "buif":
        raise AnswerIsNo(f"{file} holds {array.dtype}, no numbers", code="BAD_VALUE")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise AnswerIsNo(f"{file} holds NaN or infinity", code="NOT_FINITE")
        if array.size and np.abs(array).max() > np.finfo(np.float32).max:
            raise AnswerIsNo(f"{file} holds values beyond the range of float32", code="BAD_VALUE")
    return array
