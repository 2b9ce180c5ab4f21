"""Best agreement: how near each sample comes to some rater, or each rater to some sample."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec
from evaluators.metrics.raters.sets import dice_matrix, flat
from evaluators.metrics.registry import metric

D_MAX = MetricSpec(
    key="d_max",
    family=Family.RATERS,
    title="D_max",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Wu et al. 2024 (D-Persona), arXiv:2403.13417, code metrics_set.py; Rahman et al. 2023 (CIMD), arXiv:2304.04745",
    peer="the formula over sklearn.metrics.f1_score(zero_division=1) of every pair",
    options={
        "direction": Choice(
            values={
                "samples": "mean over samples of the best rater (D-Persona dice_max)",
                "raters": "mean over raters of the best sample (D-Persona dice_max_reverse, CIMD)",
            }
        )
    },
    edge="Two empty masks have Dice 1, an empty and a filled one 0.",
)


@metric(D_MAX)
def d_max(samples: NDArray[Any], raters: NDArray[Any], *, direction: Literal["samples", "raters"] = "samples") -> float:
    """Mean of the best Dice that each mask of one set reaches with any mask of the other.

    direction samples: mean over s of max over r of Dice(s, r): is every sample plausible? direction raters: mean over r of
    max over s: is every rater covered? The second grows with the number of samples.
    samples: (sample, ...), raters: (rater, ...), bool, the same grid. Returns one number from 0 to 1.
    Raises ShapeMismatch; UndefinedMetric without raters.
    """
    table = dice_matrix(*flat(samples, raters))
    return float(table.max(axis=1 if direction == "samples" else 0).mean())
