"""Why a metric has no value. None of these is a team's fault: readers and tasks have already refused what a team can get wrong."""

from __future__ import annotations


class MetricError(ValueError):
    """A metric was asked for something that it does not define."""


class ShapeMismatch(MetricError):
    """Prediction and reference were not lined up: a fault of the task kind."""

    def __init__(self, *, prediction: tuple[int, ...], reference: tuple[int, ...]) -> None:
        super().__init__(f"prediction {prediction}, reference {reference}: the task must line both up first")


class UndefinedMetric(MetricError):
    """The reference gives the metric nothing to measure against: the dataset must be repaired."""


class NotAScore(MetricError):
    """Scores or probabilities that cannot be ordered: NaN, infinity, a probability outside 0 to 1. Readers refuse them first."""
