"""Two sets of masks of one case, and how many voxels each mask of one shares with each of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric

Masks = NDArray[np.bool_]
Matrix = NDArray[np.float64]

#: voxels counted at a time: single precision counts exactly to 2^24, and 100 masks of this length stay below 30 MB
_CHUNK = 2**16


def flat(samples: NDArray[Any], raters: NDArray[Any]) -> tuple[Masks, Masks]:
    """(sample, voxel) and (rater, voxel), both bool; a value other than 0 is inside.

    Raises ShapeMismatch where the masks differ in size or there is no sample; UndefinedMetric without raters.
    """
    if samples.ndim < 2 or samples.shape[1:] != raters.shape[1:] or not len(samples):
        raise ShapeMismatch(prediction=samples.shape, reference=raters.shape)
    if not len(raters):
        raise UndefinedMetric("several raters are needed to compare with, there is none")
    mine, theirs = (masks.reshape(len(masks), -1).astype(np.bool_, copy=False) for masks in (samples, raters))
    return mine, theirs


def shared_voxels(first: Masks, second: Masks) -> Matrix:
    """Voxels inside both masks, for every pair: (first, second), exact."""
    counts = np.zeros((len(first), len(second)))
    for start in range(0, first.shape[1], _CHUNK):
        part = slice(start, start + _CHUNK)
        counts += first[:, part].astype(np.float32) @ second[:, part].astype(np.float32).T
    return counts


def dice_matrix(samples: Masks, raters: Masks) -> Matrix:
    """Dice of every pair (sample, rater): 2|s and r| / (|s| + |r|); two empty masks agree: 1."""
    sizes = samples.sum(axis=1)[:, None] + raters.sum(axis=1)[None, :]
    return _ratio(2 * shared_voxels(samples, raters), sizes.astype(np.float64))


def iou_matrix(first: Masks, second: Masks) -> Matrix:
    """Intersection over union of every pair (first, second); two empty masks agree: 1."""
    shared = shared_voxels(first, second)
    union = first.sum(axis=1)[:, None] + second.sum(axis=1)[None, :] - shared
    return _ratio(shared, union)


def _ratio(part: Matrix, whole: Matrix) -> Matrix:
    return np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
