"""One array out of one file, whichever format, with what the file says of its grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo
from assay_kit.scoring.json_arrays import read_json
from evaluators.contract.failures import CaseFailure
from evaluators.readers import ReadFailure, look

#: formats whose standard says that x runs first
_X_FIRST = frozenset({"nifti", "mha"})
#: mm; as the scorer asks it of a container's file
_SAME_PLACE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Found:
    """An array, real and finite, in the order of axes in which its reader returns it, and what the file says of it."""

    name: str
    array: NDArray[Any]
    format: str
    #: mm, one number an axis; None where the file says nothing
    spacing: tuple[float, ...] | None = None
    #: (4, 4), voxel index -> mm; None where the file says nothing
    affine: NDArray[np.float64] | None = None

    @property
    def matlab(self) -> bool:
        """Whether the format drops trailing axes of size 1."""
        return self.format.startswith("mat-")

    @property
    def x_first(self) -> bool:
        """Whether the format's standard says that the first axis is x."""
        return self.format in _X_FIRST

    def lies_with(self, other: Found) -> bool:
        """Whether the voxels lie in the same places, as far as both files say."""
        if self.affine is None or other.affine is None:
            return True
        return bool((np.abs(self.affine - other.affine) <= _SAME_PLACE).all())


def load(path: Path, *, variable: str | None) -> Found:
    """The array of the file. variable: of a file with several. Raises AnswerIsNo with the readers' codes."""
    if path.suffix.lower() == ".json":
        return Found(name=path.name, array=read_json(path, variable=variable), format="json")
    try:
        found = look(path, variable=variable)
    except ReadFailure as failure:
        raise refusal(failure, path=path) from failure
    steps = found.spacing
    if steps is not None:
        # time has no mm; what comes behind space is one step each
        steps = (*steps, *(1.0,) * (found.array.ndim - len(steps)))
    return Found(name=path.name, array=found.array, format=found.format, spacing=steps, affine=found.affine)


def refusal(failure: ReadFailure, *, path: Path) -> AnswerIsNo:
    """A reader's refusal with the name of the file, and what to do about it."""
    if failure.code is CaseFailure.MISSING_FILE:
        return AnswerIsNo(f"there is no file {path}", code=failure.code.value)
    several = failure.code is CaseFailure.BAD_FORMAT and " the file" in failure.detail and "array" in failure.detail
    return AnswerIsNo(
        f"{path}: {failure.detail}",
        code=failure.code.value,
        next="name the array with --variable, that of the reference with --reference-variable" if several else "",
    )
