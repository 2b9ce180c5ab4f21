"""Sums of squares over each picture, compiled: no temporary the size of a volume."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evaluators.metrics.image.pictures import stack

Real = NDArray[np.floating[Any]]


@njit("f8[::1](f8[:,:,::1],f8[:,:,::1])", cache=True, nogil=True)
def _squared_error(prediction: Any, reference: Any) -> Any:
    pictures, rows, columns = reference.shape
    sums = np.zeros(pictures)
    for picture in range(pictures):
        for row in range(rows):
            total = 0.0
            for column in range(columns):
                error = prediction[picture, row, column] - reference[picture, row, column]
                total += error * error
            # row sums first: the rounding error grows with one side, not with the area
            sums[picture] += total
    return sums


@njit("f8[::1](f8[:,:,::1])", cache=True, nogil=True)
def _squared_norm(volume: Any) -> Any:
    pictures, rows, columns = volume.shape
    sums = np.zeros(pictures)
    for picture in range(pictures):
        for row in range(rows):
            total = 0.0
            for column in range(columns):
                total += volume[picture, row, column] ** 2
            sums[picture] += total
    return sums


def squared_error(prediction: Real, reference: Real) -> NDArray[np.float64]:
    """sum over x, y of (prediction - reference)^2: two (x, y, ...) -> (picture,) in the order of `stack`."""
    sums: NDArray[np.float64] = _squared_error(stack(prediction), stack(reference))
    return sums


def squared_norm(volume: Real) -> NDArray[np.float64]:
    """sum over x, y of volume^2: (x, y, ...) -> (picture,) in the order of `stack`."""
    sums: NDArray[np.float64] = _squared_norm(stack(volume))
    return sums
