"""What a missing case counts in a ranking. Shown means never contain these numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.leaderboards.ranking.aggregate import Values
from evaluators.contract.metrics import Better


@dataclass(frozen=True, kw_only=True)
class RankedMetric:
    """What ranking must know of a metric."""

    key: str
    better: Better
    #: what a missing case counts: one number, or one a case; None: no value but the last rank (rules that rank cases alone)
    worst: float | Sequence[float] | None

    def at(self, cases: Sequence[int]) -> RankedMetric:
        """The same for some of the cases, in the order of `cases`."""
        if self.worst is None or isinstance(self.worst, int | float):
            return self
        return replace(self, worst=[self.worst[case] for case in cases])


def fill(values: Values | NDArray[np.float64], *, metric: RankedMetric) -> NDArray[np.float64]:
    """Missing values become the metric's worst; delivered ones are clipped there, so that nothing delivered ranks below missing.

    values: None where a case is missing, or an array with nan there. Without a worst value they stay nan: these rank last.
    Raises ValueError for a value that is not finite: it should never have been stored.
    """
    column = np.array(values, dtype=np.float64)
    absent = np.isnan(column)
    # in a list nan is a number that should not be there; in an array it is the sign of a missing case
    unlawful = np.isinf(column).any() or (not isinstance(values, np.ndarray) and absent.sum() != values.count(None))
    if unlawful:
        raise ValueError(f"{metric.key} holds a number that is not finite")
    if metric.worst is None:
        return column
    worst = np.broadcast_to(np.asarray(metric.worst, dtype=np.float64), column.shape)
    if not np.isfinite(worst).all():
        raise ValueError(f"{metric.key}: what a missing case counts must be finite")
    clipped = np.maximum(column, worst) if metric.better is Better.HIGHER else np.minimum(column, worst)
    return np.where(absent, worst, clipped)
