"""A mask grown by a number of voxels, each step along one axis or two at once: 18 neighbours in 3-D, 8 in 2-D."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def dilate(mask: Mask, *, voxels: int) -> Mask:
    """The same shape; what would grow beyond the array is lost. mask: (x, y) or (x, y, z)."""
    for _ in range(voxels):
        # the 18 neighbours are three squares of 3 x 3, one in each plane
        squares = [_along(_along(mask, axis=first), axis=second) for first, second in combinations(range(mask.ndim), 2)]
        mask = np.logical_or.reduce(squares)
    return mask


def _along(mask: Mask, *, axis: int) -> Mask:
    grown = mask.copy()
    out, source = np.moveaxis(grown, axis, 0), np.moveaxis(mask, axis, 0)
    out[1:] |= source[:-1]
    out[:-1] |= source[1:]
    return grown
