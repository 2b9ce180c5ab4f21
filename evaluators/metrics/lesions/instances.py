"""The single objects of a mask: its connected components, numbered, and how many voxels those of two masks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32]
Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlaps:
    """Pairs of objects that have voxels in common, ordered by the first one's number, then the second's."""

    first: Counts
    second: Counts
    voxels: Counts


def components(mask: Mask, *, corners: bool) -> tuple[Numbers, int]:
    """(number of each voxel's component from 1 on, 0 outside; how many there are).

    mask: (x, y) or (x, y, z). corners: neighbours that share a corner alone are joined too, 8 or 26; else 4 or 6.
    """
    if mask.size == 0:
        return np.zeros(mask.shape, dtype=np.int32), 0
    joined = ndimage.generate_binary_structure(mask.ndim, mask.ndim if corners else 1)
    numbers = np.empty(mask.shape, dtype=np.int32)
    return numbers, int(ndimage.label(mask, structure=joined, output=numbers))


def sizes(numbers: NDArray[Any], count: int) -> Counts:
    """(count + 1,) voxels of each object; place 0 holds the background."""
    return np.bincount(numbers.ravel(), minlength=count + 1)


def overlaps(first: Numbers, second: Numbers) -> Overlaps:
    """Every pair that has a voxel in common, in a time that does not grow with how many pairs there could be.

    first, second: numbered objects, the same shape.
    """
    both = np.flatnonzero((first.ravel() != 0) & (second.ravel() != 0))
    width = int(second.max(initial=0)) + 1
    codes = first.ravel()[both].astype(np.int64) * width + second.ravel()[both]
    # neighbours in memory mostly are of one pair: runs are far fewer than voxels to sort
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    pairs, place = np.unique(codes[starts], return_inverse=True)
    voxels = np.bincount(place, weights=np.diff(starts, append=codes.size), minlength=pairs.size)
    return Overlaps(first=pairs // width, second=pairs % width, voxels=voxels.astype(np.int64))
