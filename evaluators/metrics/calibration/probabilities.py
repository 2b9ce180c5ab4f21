"""Probabilities and outcomes as two flat arrays, checked once for every metric of the family."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.errors import NotAScore, ShapeMismatch, UndefinedMetric

Flat = NDArray[np.float64]


def flat(probabilities: NDArray[Any], outcomes: NDArray[Any]) -> tuple[Flat, Flat]:
    """(item,) float64 both, outcomes 0 or 1.

    Raises ShapeMismatch; NotAScore for a probability that is NaN or outside 0 to 1; UndefinedMetric without items or for
    outcomes other than 0 and 1.
    """
    if probabilities.shape != outcomes.shape:
        raise ShapeMismatch(prediction=probabilities.shape, reference=outcomes.shape)
    if not outcomes.size:
        raise UndefinedMetric("there is nothing to compare with: no outcome")
    stated, true = (np.ravel(array).astype(np.float64) for array in (probabilities, outcomes))
    # written so that NaN fails too
    if not ((stated >= 0) & (stated <= 1)).all():
        raise NotAScore("probabilities must lie from 0 to 1, NaN excluded: apply a sigmoid or softmax first")
    if not ((true == 0) | (true == 1)).all():
        raise UndefinedMetric("outcomes must be 0 or 1")
    return stated, true


def confidence(stated: Flat, true: Flat) -> tuple[Flat, Flat]:
    """(probability of the likelier answer, 1 where that answer is right); at exactly one half the answer is 0."""
    return np.maximum(stated, 1 - stated), ((stated > 0.5) == (true > 0.5)).astype(np.float64)
