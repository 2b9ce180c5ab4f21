"""What every threshold metric is made of: how many positives and negatives lie at or above each distinct score of a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.errors import NotAScore, ShapeMismatch, UndefinedMetric

Counts = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """One class, its records from the highest score down: sorted once, counted under any weights."""

    #: (record,) positions of the records
    order: NDArray[np.intp]
    #: (record,) 1 where the record has the class, in that order
    positive: Counts
    #: (threshold,) the last record of each run of equal scores
    last: NDArray[np.intp]

    @property
    def positives(self) -> int:
        return int(self.positive.sum())

    @property
    def has_both(self) -> bool:
        """Whether some records have the class and some have not."""
        return 0 < self.positives < self.positive.size

    def above(self, weights: Counts | None = None) -> tuple[Counts, Counts]:
        """(true, false) positives at each distinct score taken as threshold, from the highest: (..., threshold).

        weights: (..., record), how often each record counts; once where not given.
        """
        counted = np.ones(self.order.size) if weights is None else weights[..., self.order]
        true = np.cumsum(counted * self.positive, axis=-1)[..., self.last]
        false = np.cumsum(counted * (1 - self.positive), axis=-1)[..., self.last]
        return true, false


def sort_classes(scores: NDArray[Any], labels: NDArray[Any]) -> tuple[Sorted, ...]:
    """Every class of (record, class) arrays, sorted.

    Raises ShapeMismatch; NotAScore for NaN or infinity among the scores; UndefinedMetric for labels other than 0 and 1.
    """
    if scores.shape != labels.shape or labels.ndim != 2 or not scores.shape[1]:
        raise ShapeMismatch(prediction=scores.shape, reference=labels.shape)
    if not np.isfinite(scores).all():
        raise NotAScore("scores must be finite numbers: NaN and infinity have no place in an order")
    if not ((labels == 0) | (labels == 1)).all():
        raise UndefinedMetric("labels must be 0 or 1, one column a class")
    return tuple(_sort(scores[:, one], labels[:, one]) for one in range(scores.shape[1]))


def _sort(scores: NDArray[Any], labels: NDArray[Any]) -> Sorted:
    order = np.argsort(scores, kind="stable")[::-1]
    down = scores[order]
    changes = np.flatnonzero(down[1:] != down[:-1])
    last = np.append(changes, down.size - 1) if down.size else changes
    return Sorted(order=order, positive=labels[order].astype(np.float64), last=last)
