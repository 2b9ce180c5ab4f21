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
    return Found(name=path.name, array=array, spacing=None, matlab=False)
