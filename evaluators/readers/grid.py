"""Where voxels lie in the patient: an affine from voxel index to mm, towards right, anterior and superior as NIfTI has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.contract.failures import CaseFailure
from evaluators.readers.errors import ReadFailure

Matrix = NDArray[np.float64]

#: mm
_TOLERANCE = 1e-3
#: RAS from LPS and back: x and y change sign
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def check_affine(affine: Matrix) -> Matrix:
    """`affine` (4, 4) if it can place voxels. Raises ReadFailure BAD_GRID."""
    if not np.isfinite(affine).all() or np.abs(affine).max() > np.finfo(np.float32).max:
        raise ReadFailure(CaseFailure.BAD_GRID, "an affine with NaN or infinity")
    if (np.linalg.norm(affine[:3, :3], axis=0) == 0).any():
        raise ReadFailure(CaseFailure.BAD_GRID, "an affine with a spacing of zero")
    return affine


def check_grid(affine: Matrix, *, spec: OutputSpec) -> None:
    """`affine` (4, 4) agrees with the one that `spec` asks for; says which part does not. Raises ReadFailure BAD_GRID."""
    if spec.affine is None:
        return
    found, wanted = check_affine(affine), np.asarray(spec.affine, dtype=np.float64)
    if _same(found, wanted):
        return
    if _same(LPS @ found, wanted):
        raise ReadFailure(CaseFailure.BAD_GRID, "x and y run the other way: LPS and RAS were mixed up")
    steps = [np.linalg.norm(affine[:3, :3], axis=0) for affine in (found, wanted)]
    if not _same(*steps):
        part = f"spacing is not {tuple(round(float(step), 4) for step in steps[1])} mm"
    elif not _same(found[:3, :3], wanted[:3, :3]):
        part = "the axes point elsewhere"
    else:
        # one digit: a place must not become a way to carry data out
        part = f"the origin lies {np.linalg.norm(found[:3, 3] - wanted[:3, 3]):.0e} mm away"
    raise ReadFailure(CaseFailure.BAD_GRID, f"not on the grid of the reference: {part}")


def _same(found: Matrix, wanted: Matrix) -> bool:
    return bool((np.abs(found - wanted) <= _TOLERANCE).all())
