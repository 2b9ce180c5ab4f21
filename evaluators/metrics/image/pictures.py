"""Volumes as stacks of pictures, in whatever memory order and width they came."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from evaluators.metrics.errors import ShapeMismatch
from evaluators.metrics.image.scaled import Real, Volume

#: pictures that are brought into order at once: neighbours in memory share a line of the cache
BLOCK = 16
#: pixels of one of them that are copied before it is the next one's turn
_RUN = 32
#: from arrays of any strides and alignment, as files are mapped
_COPIES = [
    types.void(types.Array(width, 3, "A", readonly=True, aligned=False), types.Array(width, 3, "C"))
    for width in (types.float32, types.float64)
]


@njit(_COPIES, cache=True, nogil=True)
def _in_order(pictures: Any, ordered: Any) -> None:
    count, rows, columns = ordered.shape
    for row in range(rows):
        for first in range(0, columns, _RUN):
            for picture in range(count):
                for column in range(first, min(first + _RUN, columns)):
                    ordered[picture, row, column] = pictures[picture, row, column]


class Order:
    """Which picture comes after which: as the reference has them in memory, so that neighbours are read together."""

    def __init__(self, reference: Real) -> None:
        self._shape = reference.shape[2:]
        self._axes = sorted(range(len(self._shape)), key=lambda axis: -abs(reference.strides[2 + axis]))

    def stack(self, volume: Real) -> Real:
        """(x, y, ...) -> (picture, y, x), a view wherever the trailing axes lie evenly in memory."""
        trailing = tuple(2 + axis for axis in self._axes)
        return volume.transpose(*trailing, 1, 0).reshape(-1, *volume.shape[1::-1])

    def flat(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """One number a picture, (...) -> (picture,)."""
        return np.ascontiguousarray(numbers.transpose(self._axes).reshape(-1))

    def unflat(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(picture,) -> (...)."""
        there = numbers.reshape([self._shape[axis] for axis in self._axes])
        return there.transpose(np.argsort(self._axes))


def ordered(pictures: Real, *, width: np.dtype[Any]) -> Real:
    """A few pictures (picture, y, x), contiguous, in float32 or float64; copied only where they are not."""
    native = pictures.astype(width, copy=False)
    if native.flags.c_contiguous and native.flags.aligned:
        return native
    copy = np.empty(native.shape, dtype=width)
    _in_order(native, copy)
    return copy


def check_same_shape(prediction: Volume, reference: Volume) -> None:
    """Raises ShapeMismatch unless both are the same (x, y, ...) volume."""
    if prediction.shape != reference.shape or len(reference.shape) < 2:
        raise ShapeMismatch(prediction=prediction.shape, reference=reference.shape)
