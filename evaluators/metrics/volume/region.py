"""The part of a volume that counts: a mask over its first axes, shared by all that follow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric
from evaluators.metrics.image.scaled import Volume

Region = NDArray[np.bool_]
Values = NDArray[np.float64]


def lined_up(
    prediction: Volume, reference: Volume, *, region: Region | None, components: int = 0
) -> tuple[Values, Values, Region]:
    """(prediction, reference, region), float64 and a mask of the volume's shape behind its first `components` axes.

    region: bool, over the axes of space or of the whole volume; None is everywhere.
    Raises ShapeMismatch; UndefinedMetric for a region in which there is nothing.
    """
    mine, theirs = (np.asarray(volume, dtype=np.float64) for volume in (prediction, reference))
    if mine.shape != theirs.shape:
        raise ShapeMismatch(prediction=mine.shape, reference=theirs.shape)
    space = theirs.shape[components:]
    if region is None:
        counts = np.ones(space, dtype=np.bool_)
    elif region.shape != space[: region.ndim]:
        raise ShapeMismatch(prediction=region.shape, reference=space)
    else:
        counts = np.broadcast_to(region.reshape(region.shape + (1,) * (len(space) - region.ndim)), space)
    if not counts.any():
        raise UndefinedMetric("the region is empty: nothing would be measured")
    return mine, theirs, counts


def lengths(vectors: Values) -> Values:
    """(component, ...) -> (...): Euclidean length, without overflow for any float32."""
    found: NDArray[Any] = np.sqrt(np.square(vectors).sum(axis=0))
    return found
