"""Dice between how often samples and raters mark each voxel, at five levels of agreement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.raters.sets import Masks, dice_matrix, flat
from evaluators.metrics.registry import metric

#: tenths: shares are compared in whole numbers, where 3 of 10 is not above .3
TENTHS = (1, 3, 5, 7, 9)

SOFT_DICE = MetricSpec(
    key="soft_dice",
    family=Family.RATERS,
    title="Soft Dice",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Ji et al. 2021 (MRNet), CVPR; Wu et al. 2024 (D-Persona), arXiv:2403.13417, code metrics_set.py",
    peer="sklearn.metrics.f1_score(zero_division=1) of the mean maps, each above .1 .3 .5 .7 .9",
    edge="Above means strictly above. Two maps that are both empty at a level have Dice 1 there.",
)


@metric(SOFT_DICE)
def soft_dice(samples: NDArray[Any], raters: NDArray[Any]) -> float:
    """Mean Dice of the samples' and the raters' mean maps over the thresholds .1, .3, .5, .7 and .9.

    Soft Dice = 1/5 sum over t of Dice(mean over s > t, mean over r > t), mean maps being the share of masks that mark a voxel.
    samples: (sample, ...), raters: (rater, ...), bool, the same grid. Returns one number from 0 to 1.
    Raises ShapeMismatch; UndefinedMetric without raters.
    """
    mine, theirs = flat(samples, raters)
    levels = [(_above(mine, tenths), _above(theirs, tenths)) for tenths in TENTHS]
    return sum(float(dice_matrix(one, other)[0, 0]) for one, other in levels) / len(TENTHS)


def _above(masks: Masks, tenths: int) -> Masks:
    """(1, voxel): where the share of masks lies above the threshold."""
    marked = np.count_nonzero(masks, axis=0)
    above: Masks = (10 * marked > tenths * len(masks))[None, :]
    return above
