"""Dice lesion by lesion: a small lesion counts as much as a large one, and a false one counts as a miss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.lesions.matching import LesionMatch, lesion_matches
from evaluators.metrics.lesions.rules import BRATS_GLI, BRATS_PEER, BRATS_RULE, BRATS_SOURCE
from evaluators.metrics.registry import metric

LESION_DICE = MetricSpec(
    key="lesion_dice",
    family=Family.LABELS,
    title="Lesion-wise Dice",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source=BRATS_SOURCE,
    peer=f"{BRATS_PEER}, LesionWise_Score_Dice",
    options={"rule": BRATS_RULE},
    edge="No lesion that counts and no false positive 1; lesions in one of the maps only 0.",
)


@metric(LESION_DICE)
def lesion_dice(pair: LabelPair, *, rule: str = BRATS_GLI) -> NDArray[np.float64]:
    """Mean over reference lesions and false positives, one number a class.

    A lesion's Dice is that with all predicted components that touch it; a missed lesion and a false positive, of any size,
    add 0. Returns (class,), dimensionless. Raises MetricError for another rule.
    """
    return np.array([_mean(match) for match in lesion_matches(pair, rule=rule)], dtype=np.float64)


def _mean(match: LesionMatch) -> float:
    whole = match.counted.size + match.false_positives
    return float(match.dice.sum()) / whole if whole else 1.0
