"""False alarms at the threshold that finds 95 % of the positives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.classification.counts import Counts
from evaluators.metrics.classification.per_class import PerClass, per_class
from evaluators.metrics.registry import metric

FPR95 = MetricSpec(
    key="fpr95",
    family=Family.CLASSIFICATION,
    title="FPR95",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, 1.0),
    worst=1.0,
    source="Hendrycks and Gimpel 2017, arXiv:1610.02136 (as detection error); Liang et al. 2018, arXiv:1706.02690",
    peer="lowest FPR where TPR >= 0.95 along sklearn.metrics.roc_curve(drop_intermediate=False), class by class",
    edge="At least 95 %, without interpolation. A class whose labels hold one value alone is left out of the mean and counted.",
)


@metric(FPR95)
def fpr95(scores: NDArray[Any], labels: NDArray[Any]) -> PerClass:
    """Share of negatives at or above the highest threshold that finds at least 95 % of the positives.

    FPR95 = FP / negatives at the highest score t with TP / positives >= 0.95. scores: (record, class), any finite scale;
    labels: (record, class), 0 or 1. Returns a value a class and their mean (macro).
    Raises ShapeMismatch, NotAScore; UndefinedMetric where no class has both labels.
    """
    return per_class(scores, labels, measure=false_alarms)


def false_alarms(true: Counts, false: Counts) -> Counts:
    """(true, false) positives (..., threshold) to the false positive rate at 95 % (...)."""
    # 19 of 20 in whole numbers: no rounding decides
    enough = 20 * true >= 19 * true[..., -1:]
    first = enough.argmax(axis=-1)
    found: Counts = np.take_along_axis(false, first[..., None], axis=-1)[..., 0]
    return found / false[..., -1]
