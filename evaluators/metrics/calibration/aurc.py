"""Area under the risk-coverage curve: whether the confident answers are the right ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.calibration.probabilities import confidence, flat
from evaluators.metrics.registry import metric

AURC = MetricSpec(
    key="aurc",
    family=Family.CALIBRATION,
    title="AURC",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, 1.0),
    worst=1.0,
    source="Geifman, Uziel and El-Yaniv 2019, arXiv:1805.08206",
    peer="Geifman et al.'s mean of the selective risk over every coverage k/n, in plain numpy; no trapezoid, no factor 1000",
    edge="Items of equal confidence count as the mean over all their orders. At exactly one half the answer is 0.",
)


@metric(AURC)
def aurc(probabilities: NDArray[Any], outcomes: NDArray[Any]) -> float:
    """Error rate among the k most confident answers, averaged over k.

    AURC = 1/n sum over k of (wrong answers among the k most confident) / k, confidence max(p, 1 - p), wrong where the likelier
    answer is not the outcome. All right scores 0, all wrong 1.
    probabilities: of outcome 1, any shape; outcomes: 0 or 1, the same shape. Returns one number from 0 to 1.
    Raises ShapeMismatch, NotAScore, UndefinedMetric.
    """
    sure, right = confidence(*flat(probabilities, outcomes))
    _, group, sizes = np.unique(-sure, return_inverse=True, return_counts=True)
    wrong = np.bincount(group.reshape(-1), weights=1 - right)
    # within a group of equal confidence every order is as likely: its errors are spread evenly
    errors = np.repeat(wrong / sizes, sizes).cumsum()
    return float((errors / np.arange(1, sure.size + 1)).mean())
