"""F1 at the threshold that suits each class best."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.classification.counts import Counts
from evaluators.metrics.classification.per_class import PerClass, per_class
from evaluators.metrics.registry import metric

MAX_F1 = MetricSpec(
    key="max_f1",
    family=Family.CLASSIFICATION,
    title="max F1",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Lipton et al. 2014, arXiv:1402.1892",
    peer="largest 2PR / (P + R) along sklearn.metrics.precision_recall_curve, class by class",
    edge="The threshold is chosen on the data that are scored: an upper bound, never below that of naming every record. "
    "A class whose labels hold one value alone is left out of the mean and counted.",
)


@metric(MAX_F1)
def max_f1(scores: NDArray[Any], labels: NDArray[Any]) -> PerClass:
    """Largest F1 over all thresholds of a class.

    F1 = 2 TP / (named + positives), thresholds at every distinct score. scores: (record, class), any finite scale; labels:
    (record, class), 0 or 1. Returns a value a class and their mean (macro).
    Raises ShapeMismatch, NotAScore; UndefinedMetric where no class has both labels.
    """
    return per_class(scores, labels, measure=best_f1)


def best_f1(true: Counts, false: Counts) -> Counts:
    """(true, false) positives (..., threshold) to the largest F1 (...)."""
    best: Counts = (2 * true / (true + false + true[..., -1:])).max(axis=-1)
    return best
