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
    if part := difference(check_affine(affine), np.asarray(spec.affine, dtype=np.float64)):
        raise ReadFailure(CaseFailure.BAD_GRID, f"not on the grid of the reference: {part}")


def difference(found: Matrix, wanted: Matrix) -> str:
    """Which part of `found` is not that of `wanted`, both (4, 4), by axis; empty where they agree.

    Says what was wanted, and of what was found no number: it may stand in a message about a container's file.
    """
    if _same(found, wanted):
        return ""
    if _same(LPS @ found, wanted):
        return "x and y run the other way: LPS and RAS were mixed up"
    steps = [np.linalg.norm(affine[:3, :3], axis=0) for affine in (found, wanted)]
    if others := [axis for axis in range(3) if not _same(steps[0][axis], steps[1][axis])]:
        sizes = ", ".join(f"{float(steps[1][axis]):.4g}" for axis in others)
        return f"spacing along {_named(others)} is not {sizes} mm"
    turned = [axis for axis in range(3) if not _same(found[:3, axis], wanted[:3, axis])]
    if turned and all(_same(-found[:3, axis], wanted[:3, axis]) for axis in turned):
        return f"the other way along {_named(turned)}: flipped"
    if turned:
        return "the axes point elsewhere"
    # one digit: a place must not become a way to carry data out
    return f"the origin lies {np.linalg.norm(found[:3, 3] - wanted[:3, 3]):.0e} mm away"


def _named(axes: list[int]) -> str:
    return " and ".join("xyz"[axis] for axis in axes)


def _same(found: Matrix, wanted: Matrix) -> bool:
    return bool((np.abs(found - wanted) <= _TOLERANCE).all())
