"""What a missing case counts in a ranking. Shown means never contain these numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from assay.leaderboards.ranking.aggregate import Values
from evaluators.contract.metrics import Better


@dataclass(frozen=True, kw_only=True)
class RankedMetric:
    """What ranking must know of a metric."""

    key: str
    better: Better
    #: what a missing case counts
    worst: float


def fill(values: Values, *, metric: RankedMetric) -> list[float]:
    """Missing values become the metric's worst; delivered ones are clipped there, so that nothing delivered ranks below missing.

    Raises ValueError for a value that is not finite: it should never have been stored.
    """
    filled = []
    for value in values:
        if value is None:
            filled.append(metric.worst)
            continue
        if not isfinite(value):
            raise ValueError(f"{metric.key} holds {value}")
        filled.append(max(value, metric.worst) if metric.better is Better.HIGHER else min(value, metric.worst))
    return filled
