"""Volumes of a case with label maps as the site's viewer takes them: uint8 on the case's grid, thinned out where too large."""

from __future__ import annotations

import base64
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.volumes import LONGEST, MOST_VOXELS, VolumeIn
from evaluators.phantoms.nifti import nifti_bytes

#: the brightest grey
WHITE = 255


def volume_of(
    case: str, kind: str, values: NDArray[np.integer[Any]], *, affine: NDArray[np.float64], method: str = ""
) -> VolumeIn:
    """values: (x, y, z), greys up to WHITE, labels or a difference; labels beyond 255 begin again at 1. affine: (4, 4)."""
    step = 1
    while prod(-(-size // step) for size in values.shape) > MOST_VOXELS or max(values.shape) > step * LONGEST:
        step += 1
    kept = values[::step, ::step, ::step].astype(np.int64)
    small = np.where(kept > WHITE, (kept - 1) % WHITE + 1, kept).astype(np.uint8)
    thinned = affine @ np.diag([step, step, step, 1.0])
    document = {
        "case": case, "kind": kind, "method": method, "step": step,
        "nii": base64.b64encode(nifti_bytes(small, affine=thinned)),
    }  # fmt: skip
    return VolumeIn.model_validate(document)
