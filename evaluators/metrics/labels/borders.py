"""The border of a mask in whole voxels: those inside that share a side with one outside; what lies beyond the array is outside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def border(mask: Mask) -> Mask:
    """Border voxels of a mask of any number of axes, the same shape out."""
    inner = np.ascontiguousarray(mask).copy()
    for axis in range(mask.ndim):
        along = np.moveaxis(inner, axis, 0)
        voxels = np.moveaxis(mask, axis, 0)
        along[1:] &= voxels[:-1]
        along[:-1] &= voxels[1:]
        along[:1] = False
        along[-1:] = False
    edge: Mask = mask & ~inner
    return edge
