"""Area under the ROC curve: how often a positive record scores above a negative one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.classification.counts import Counts
from evaluators.metrics.classification.per_class import PerClass, per_class
from evaluators.metrics.registry import metric

AUROC = MetricSpec(
    key="auroc",
    family=Family.CLASSIFICATION,
    title="AUROC",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Hanley and McNeil 1982, Radiology 143:29; Mann and Whitney 1947",
    peer="sklearn.metrics.roc_auc_score, class by class",
    edge="A class whose labels hold one value alone has no AUROC: left out of the mean and counted. Equal scores count one half.",
)


@metric(AUROC)
def auroc(scores: NDArray[Any], labels: NDArray[Any]) -> PerClass:
    """Share of pairs (positive, negative) in which the positive record has the higher score, ties counting one half.

    AUROC = (pairs in order + pairs tied / 2) / (positives x negatives): the Mann-Whitney statistic, one sort a class.
    scores: (record, class), any finite scale; labels: (record, class), 0 or 1. Returns a value a class and their mean (macro).
    Raises ShapeMismatch, NotAScore; UndefinedMetric where no class has both labels.
    """
    return per_class(scores, labels, measure=area)


def area(true: Counts, false: Counts) -> Counts:
    """(true, false) positives (..., threshold) to the area (...), exact in whole numbers until the last division."""
    before = np.zeros_like(true)
    before[..., 1:] = true[..., :-1]
    gained = np.diff(false, axis=-1, prepend=0.0)
    doubled = (gained * (before + true)).sum(axis=-1)
    total: Counts = doubled / (2 * true[..., -1] * false[..., -1])
    return total
