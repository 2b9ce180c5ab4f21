"""Generalised energy distance: whether the samples scatter as the raters do."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec
from evaluators.metrics.raters.sets import Masks, flat, iou_matrix
from evaluators.metrics.registry import metric

GED = MetricSpec(
    key="ged",
    family=Family.RATERS,
    title="GED²",
    unit="1",
    better=Better.LOWER,
    bounds=(-2.0, 2.0),
    worst=2.0,
    source="Székely and Rizzo 2013, J Stat Plan Inference 143:1249; Kohl et al. 2018, arXiv:1806.05034",
    peer="the formula over sklearn.metrics.jaccard_score(zero_division=1) of every pair",
    options={
        "variant": Choice(
            values={
                "v": "V-statistic: a mask is compared with itself too; never negative (Kohl et al., PHiSeg)",
                "u": "U-statistic: different masks only; without bias, can be negative",
            }
        )
    },
    edge="Two empty masks have IoU 1. A single sample, or a single rater, has no spread: its own term is 0. "
    "The value depends on the number of samples: a task must fix it.",
)


@metric(GED)
def ged(samples: NDArray[Any], raters: NDArray[Any], *, variant: Literal["v", "u"] = "v") -> float:
    """Generalised energy distance, squared, between the samples of a model and the masks of the raters.

    GED² = 2 E[d(s, r)] - E[d(s, s')] - E[d(r, r')], d = 1 - IoU. variant v averages over all pairs, u over pairs of different
    masks alone: a set of n against itself in any order is 0 under v and -2/n of its own mean d under u.
    samples: (sample, ...), raters: (rater, ...), bool, the same grid. Returns one number from -2 to 2, dimensionless; it
    falls as more samples are drawn, so only equal numbers of samples compare.
    Raises ShapeMismatch; UndefinedMetric without raters.
    """
    mine, theirs = flat(samples, raters)
    across = float((1 - iou_matrix(mine, theirs)).mean())
    return 2 * across - _spread(mine, variant=variant) - _spread(theirs, variant=variant)


def _spread(masks: Masks, *, variant: str) -> float:
    count = len(masks)
    pairs = count * count if variant == "v" else count * (count - 1)
    # a mask is at distance 0 from itself, so both statistics share one sum
    return float(np.sum(1 - iou_matrix(masks, masks))) / pairs if pairs else 0.0
