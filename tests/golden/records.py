"""Masks, probabilities and scores for golden rows, from whole-number arithmetic: equal on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.golden.pictures import noise


def masks(count: int, *, shape: tuple[int, ...], seed: int, empty: int = 0) -> NDArray[np.bool_]:
    """(mask, ...): a disc or ball with a ragged border, another one each; the first `empty` masks are empty."""
    axes = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")
    radius2 = np.sum([((axis - size / 2) / size) ** 2 for axis, size in zip(axes, shape, strict=True)], axis=0)
    ragged = noise(count * radius2.size, seed=seed).reshape(count, *shape)
    growth = (1 + np.arange(count)).reshape(count, *(1 for _ in shape)) / (2 * count)
    drawn = radius2 + 0.05 * ragged < 0.05 + 0.08 * growth
    drawn[:empty] = False
    return np.asarray(drawn)


def probabilities(count: int, *, seed: int, steps: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(probabilities, outcomes), both (item,): too sure of themselves. steps: probabilities are multiples of 1/steps."""
    first = noise(count, seed=seed)
    stated = np.floor(first * (steps + 1)) / steps if steps else first
    outcomes = noise(count, seed=seed + 1) < 0.2 + 0.5 * stated
    return stated, outcomes.astype(np.int64)


def scores(
    records: int, classes: int, *, seed: int, steps: int = 0
) -> tuple[NDArray[np.floating[Any]], NDArray[np.int64]]:
    """(scores, labels), both (record, class). steps: so many distinct scores, hence ties. The last class has no positive."""
    labels = (noise(records * classes, seed=seed).reshape(records, classes) < 0.3).astype(np.int64)
    labels[:, -1] = 0
    drawn = noise(records * classes, seed=seed + 1).reshape(records, classes) + 0.35 * labels
    return (np.floor(drawn * steps) / steps if steps else drawn), labels
