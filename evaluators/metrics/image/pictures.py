"""Volumes as stacks of pictures: the memory order that every metric here works in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.errors import ShapeMismatch

Real = NDArray[np.floating[Any]]


def stack(volume: Real) -> NDArray[np.float64]:
    """(x, y, ...) -> (picture, y, x), contiguous float64; trailing axes are counted with the first one fastest.

    A volume in MATLAB's memory order is not copied.
    """
    reversed_axes = volume.T
    pictures = reversed_axes.reshape(-1, *reversed_axes.shape[-2:])
    return np.ascontiguousarray(pictures, dtype=np.float64)


def unstack(values: NDArray[np.float64], *, like: Real) -> NDArray[np.float64]:
    """One number a picture, in the order of `stack`, back to the trailing shape of `like` (x, y, ...)."""
    return values.reshape(like.shape[:1:-1]).T


def check_same_shape(prediction: Real, reference: Real) -> None:
    """Raises ShapeMismatch unless both are the same (x, y, ...) volume."""
    if prediction.shape != reference.shape or reference.ndim < 2:
        raise ShapeMismatch(prediction=prediction.shape, reference=reference.shape)
