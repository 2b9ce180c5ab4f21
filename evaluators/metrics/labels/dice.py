"""Dice: how much of two masks is common to both, measured against their mean size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.labels.counts import class_counts
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import metric

DICE = MetricSpec(
    key="dice",
    family=Family.LABELS,
    title="Dice",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Dice 1945, doi:10.2307/1932409; Zijdenbos et al. 1994, doi:10.1109/42.363096",
    peer="medpy.metric.binary.dc; monai.metrics.compute_dice(ignore_empty=False)",
    edge="Both masks empty 1, one empty 0.",
)


@metric(DICE)
def dice(pair: LabelPair) -> NDArray[np.float64]:
    """Overlap over mean size, one number a class.

    Dice = 2 |prediction & reference| / (|prediction| + |reference|), in voxels. Returns (class,), dimensionless.
    """
    return np.array(
        [
            2 * count.shared / (count.prediction + count.reference) if count.prediction + count.reference else 1.0
            for count in class_counts(pair)
        ],
        dtype=np.float64,
    )
