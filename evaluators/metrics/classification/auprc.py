"""Average precision: the area under the precision-recall curve, in steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.classification.counts import Counts
from evaluators.metrics.classification.per_class import PerClass, per_class
from evaluators.metrics.registry import metric

AUPRC = MetricSpec(
    key="auprc",
    family=Family.CLASSIFICATION,
    title="AUPRC",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, chapter 8",
    peer="sklearn.metrics.average_precision_score, class by class",
    edge="Steps, no interpolation. A class whose labels hold one value alone is left out of the mean and counted. "
    "A constant score has the class's prevalence.",
)


@metric(AUPRC)
def auprc(scores: NDArray[Any], labels: NDArray[Any]) -> PerClass:
    """Precision averaged over recall, each threshold weighing by the recall that it adds.

    AUPRC = sum over thresholds t of (R_t - R_t-1) P_t, thresholds from the highest score down, equal scores as one.
    scores: (record, class), any finite scale; labels: (record, class), 0 or 1. Returns a value a class and their mean (macro).
    Raises ShapeMismatch, NotAScore; UndefinedMetric where no class has both labels.
    """
    return per_class(scores, labels, measure=average_precision)


def average_precision(true: Counts, false: Counts) -> Counts:
    """(true, false) positives (..., threshold) to the average precision (...)."""
    named = true + false
    # a resample may lack the records of the highest scores: nothing named yet, nothing gained
    precision = np.divide(true, named, out=np.zeros_like(true), where=named > 0)
    gained = np.diff(true, axis=-1, prepend=0.0)
    total: Counts = (gained * precision).sum(axis=-1) / true[..., -1]
    return total
