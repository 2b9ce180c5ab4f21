"""Brier score: mean squared error of stated probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.calibration.probabilities import flat
from evaluators.metrics.registry import metric

BRIER = MetricSpec(
    key="brier",
    family=Family.CALIBRATION,
    title="Brier score",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, 1.0),
    worst=1.0,
    source="Brier 1950, Mon Weather Rev 78:1",
    peer="sklearn.metrics.brier_score_loss",
    edge="Of class 1 alone; summed over both classes, as Brier 1950 and MetricsReloaded do, it is twice this.",
)


@metric(BRIER)
def brier(probabilities: NDArray[Any], outcomes: NDArray[Any]) -> float:
    """Mean squared distance between stated probability and outcome.

    Brier = mean (p - y)^2, in float64. probabilities: of outcome 1, any shape; outcomes: 0 or 1, the same shape. Returns one
    number from 0 to 1; a constant one half scores 0.25.
    Raises ShapeMismatch, NotAScore, UndefinedMetric.
    """
    stated, true = flat(probabilities, outcomes)
    return float(np.square(stated - true).mean())
