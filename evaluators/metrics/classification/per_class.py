"""The answer of this family: one value a class, undefined ones left out of the mean and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.classification.counts import Counts, Sorted, sort_classes
from evaluators.metrics.errors import UndefinedMetric

#: (true, false) positives at every threshold, both (..., threshold), to one number (...)
Measure = Callable[[Counts, Counts], Counts]


@dataclass(frozen=True, kw_only=True)
class PerClass:
    """One number a class and their mean.

    values: in the order of the columns; None where the labels hold one value alone, so that nothing can be told apart.
    mean: over the classes that have a value. left_out: how many have none. positives: records of each class.
    """

    values: tuple[float | None, ...]
    mean: float
    left_out: int
    positives: tuple[int, ...]


def per_class(scores: NDArray[Any], labels: NDArray[Any], *, measure: Measure) -> PerClass:
    """Apply `measure` to every class of (record, class) arrays that has both labels.

    Raises ShapeMismatch, NotAScore; UndefinedMetric where no class has both labels.
    """
    classes = sort_classes(scores, labels)
    values = tuple(_value(one, measure=measure) for one in classes)
    defined = [value for value in values if value is not None]
    if not defined:
        raise UndefinedMetric("no class has both labels: nothing can be told apart")
    return PerClass(
        values=values,
        mean=float(np.mean(defined)),
        left_out=len(values) - len(defined),
        positives=tuple(one.positives for one in classes),
    )


def _value(one: Sorted, *, measure: Measure) -> float | None:
    return float(measure(*one.above())) if one.has_both else None
