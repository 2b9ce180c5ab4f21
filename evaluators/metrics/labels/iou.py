"""Intersection over union, the Jaccard index: how much of what either mask holds is common to both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.labels.counts import Counts, class_counts
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import metric

IOU = MetricSpec(
    key="iou",
    family=Family.LABELS,
    title="IoU",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x",
    peer="medpy.metric.binary.jc; monai.metrics.compute_iou(ignore_empty=False)",
    edge="Both masks empty 1, one empty 0.",
)


@metric(IOU)
def iou(pair: LabelPair) -> NDArray[np.float64]:
    """Overlap over union, one number a class: |prediction & reference| / |prediction | reference|, in voxels.

    Equals Dice / (2 - Dice). Returns (class,), dimensionless.
    """
    return np.array([_iou(count) for count in class_counts(pair)], dtype=np.float64)


def _iou(count: Counts) -> float:
    union = count.prediction + count.reference - count.shared
    return count.shared / union if union else 1.0
