"""How sure a mean over classes is: percentile intervals from resampled records, or whole subjects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.classification.counts import Counts, sort_classes
from evaluators.metrics.classification.per_class import Measure
from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric

#: weights held at a time, (resample, record): 256 KiB stay in the processor's cache
_HELD = 2**15


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Percentile interval of a macro mean.

    low, high: at `level`. used: resamples that had a class with both labels; the others have no value and are left out.
    """

    low: float
    high: float
    level: float
    used: int


def record_bootstrap(
    scores: NDArray[Any],
    labels: NDArray[Any],
    *,
    measure: Measure,
    units: Sequence[object] | None = None,
    repeats: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of the mean over classes, by drawing units with replacement `repeats` times.

    In each resample the mean goes over the classes that have both labels there. Sorted once: a resample is a set of weights.
    scores, labels: (record, class). measure: `auroc.area`, `auprc.average_precision`, `max_f1.best_f1`, `fpr95.false_alarms`.
    units: (record,), what is independent, such as the patient: drawn whole; each record by itself where not given.
    The same seed gives the same interval. Percentiles are interpolated linearly (numpy's default).
    Raises ShapeMismatch, NotAScore; UndefinedMetric where no resample has a class with both labels.
    """
    classes = sort_classes(scores, labels)
    records = labels.shape[0]
    if units is not None and len(units) != records:
        raise ShapeMismatch(prediction=(len(units),), reference=labels.shape)
    names: dict[object, int] = {}
    member = np.array([names.setdefault(unit, len(names)) for unit in (units if units is not None else range(records))])
    means: list[Counts] = []
    for weights in _draws(member, units=len(names), repeats=repeats, seed=seed):
        values = np.full((len(weights), len(classes)), np.nan)
        for place, one in enumerate(classes):
            if not one.has_both:
                continue
            true, false = one.above(weights)
            there = (true[:, -1] > 0) & (false[:, -1] > 0)
            values[there, place] = measure(true[there], false[there])
        kept = values[~np.isnan(values).all(axis=1)]
        means.append(np.nanmean(kept, axis=1) if len(kept) else np.empty(0))
    drawn = np.concatenate(means)
    if not drawn.size:
        raise UndefinedMetric("no class has both labels in any resample")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high), level=level, used=drawn.size)


def _draws(member: NDArray[np.intp], *, units: int, repeats: int, seed: int) -> Iterator[Counts]:
    """How often each record counts, (resample, record), a bounded number of resamples at a time."""
    generator = np.random.default_rng(seed)
    at_once = max(1, _HELD // max(member.size, 1))
    for start in range(0, repeats, at_once):
        many = min(at_once, repeats - start)
        times = np.stack([np.bincount(generator.integers(units, size=units), minlength=units) for _ in range(many)])
        yield times[:, member].astype(np.float64)
