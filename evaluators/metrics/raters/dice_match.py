"""Dice under the best one-to-one assignment of samples to raters."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.raters.sets import dice_matrix, flat
from evaluators.metrics.registry import metric

DICE_MATCH = MetricSpec(
    key="dice_match",
    family=Family.RATERS,
    title="Dice match",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Wu et al. 2024 (D-Persona), arXiv:2403.13417, code metrics_set.py; Kuhn 1955, Nav Res Logist Q 2:83",
    peer="scipy.optimize.linear_sum_assignment over sklearn.metrics.f1_score(zero_division=1) of every pair",
    edge="Two empty masks have Dice 1. Fewer samples than raters: a rater without a sample counts 0.",
)


@metric(DICE_MATCH)
def dice_match(samples: NDArray[Any], raters: NDArray[Any]) -> float:
    """Mean Dice over raters, each paired with a sample of its own so that the sum is largest (Hungarian assignment).

    Dice match = 1/R max over one-to-one assignments a of sum over r of Dice(s_a(r), r). With more samples than raters the
    left-over samples cost nothing; with fewer, each rater left without a sample counts 0.
    samples: (sample, ...), raters: (rater, ...), bool, the same grid. Returns one number from 0 to 1.
    Raises ShapeMismatch; UndefinedMetric without raters.
    """
    table = dice_matrix(*flat(samples, raters))
    chosen = linear_sum_assignment(table, maximize=True)
    return float(table[chosen].sum() / table.shape[1])
