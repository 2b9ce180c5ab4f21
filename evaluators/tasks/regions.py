"""Which part of a cine volume is scored: all of it, or what CMRxRecon 2023 ranked."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating[Any]]
Slices = tuple[slice, ...]

#: cine: "use the first 3 time frames for ranking"
_RANKED_FRAMES = 3


def full(shape: tuple[int, ...]) -> Slices:
    """Everything."""
    return tuple(slice(0, size) for size in shape)


def challenge_crop(shape: tuple[int, ...]) -> Slices:
    """CMRxRecon 2023's rule for cine, from its run4Ranking.m, applied to a whole volume (x, y, slice, frame).

    x, y: the centre, a third of x by a half of y. slice: the middle two, round(n/2)-1 and round(n/2) counted from 1;
    all where there are fewer than three. frame: the first three. round is MATLAB's: halves go up.
    """
    nx, ny, slices, frames = shape
    return (
        _centre(nx, keep=_round(nx / 3)),
        _centre(ny, keep=_round(ny / 2)),
        _middle_two(slices),
        slice(0, min(frames, _RANKED_FRAMES)),
    )


def _round(value: float) -> int:
    """MATLAB's round for positive numbers; Python's would take halves to the even neighbour."""
    return floor(value + 0.5)


def _centre(size: int, *, keep: int) -> slice:
    """The challenge's utils/crop.m: the first kept index is floor(size/2) + ceil(-keep/2), counted from 0."""
    first = size // 2 + -(keep // 2)
    return slice(first, first + keep)


def _middle_two(slices: int) -> slice:
    if slices < 3:
        return slice(0, slices)
    last = _round(slices / 2)
    return slice(last - 2, last)


REGIONS = {"challenge-crop": challenge_crop, "full": full}


def cut(volume: Real, *, region: str) -> Real:
    """A view of the named region of a volume (x, y, slice, frame)."""
    return volume[REGIONS[region](volume.shape)]
