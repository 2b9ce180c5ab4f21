"""Which methods are significantly better than which: one-sided paired Wilcoxon tests between all, corrected after Holm.

Tested are the means of independent units (subjects), never single cases. The number of pairs decides how long it takes:
2,000 methods are 4 million tests a metric, in pieces of bounded memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.leaderboards.ranking import wilcoxon
from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.ties import Reals

ALPHA = 0.05
#: numbers held at once for a piece of the pairs: little enough for a processor's cache
_PIECE = 60_000
#: draws x pairs x units x metrics; more is many minutes
MOST_WORK = 5_000_000_000


class TooManyTests(ValueError):
    """So many methods and draws that testing every pair in every draw would take many minutes: draw less often."""


def shares_beaten(ready: Contest, *, counts: Reals, alpha: float = ALPHA, holm: bool = True) -> Reals:
    """Share of (rival, metric) that an entrant beats significantly; 0 for an entrant alone.

    counts: (draw, unit). Returns (draw, entrant). Raises TooManyTests.
    """
    wins = beaten(ready, counts=counts, alpha=alpha, holm=holm)
    rivals = max(1, len(ready.names) - 1)
    shares: Reals = wins.sum(axis=(1, 3)) / (rivals * len(ready.metrics))
    return shares


def beaten(ready: Contest, *, counts: Reals, alpha: float = ALPHA, holm: bool = True) -> NDArray[np.bool_]:
    """Whether one entrant is significantly better than another in a metric.

    counts: (draw, unit). Returns (draw, metric, better, worse). Raises TooManyTests.
    """
    wins: NDArray[np.bool_] = chances(ready, counts=counts, holm=holm) < alpha
    return wins


def chances(ready: Contest, *, counts: Reals, holm: bool = True) -> Reals:
    """p of "better than" for every ordered pair and metric, 1 on the diagonal.

    Holm's correction runs over all ordered pairs within a metric, as challengeR's within a task: among the differences of one
    metric one that is none is found with probability alpha at most; over m metrics with m times that at most. Over all metrics
    at once a dozen subjects could prove nothing, however large the difference.
    counts: (draw, unit). Returns (draw, metric, better, worse). Raises TooManyTests.
    """
    size, metrics = len(ready.names), len(ready.metrics)
    if (work := counts.size * metrics * size * (size - 1) // 2) > MOST_WORK:
        raise TooManyTests(
            f"{size} methods, {metrics} metrics, {counts.shape[1]} units and {len(counts)} draws make {work:.1e} steps, "
            f"more than {MOST_WORK:.0e}: ask for fewer draws"
        )
    found = np.stack([_chances(unit_means(ready, metric), counts=counts) for metric in range(metrics)], axis=1)
    if holm:
        off = ~np.eye(size, dtype=bool)
        tested = found[:, :, off]
        found[:, :, off] = _holm(tested.reshape(len(counts) * metrics, -1)).reshape(tested.shape)
    return found


def can_tell_apart(*, units: int, methods: int, alpha: float = ALPHA) -> bool:
    """Whether the test finds a method that is better in every unit, by as many different amounts, among so many methods.

    Holm's first step asks p times the number of ordered pairs to be below alpha, and p has a least value for so many units.
    """
    better, _ = wilcoxon.once(np.zeros((1, units)), np.arange(1.0, units + 1)[None])
    return bool(better[0] * methods * (methods - 1) < alpha)


def unit_means(ready: Contest, metric: int) -> Reals:
    """Each unit's mean over its cases, weighted as the ranking weighs them. (entrant, unit), lower is better.

    A missing case that has no value but the last rank counts as the worst value that anybody delivered.
    """
    column = ready.columns[metric]
    if (absent := np.isnan(column)).any():
        column = np.where(absent, 0.0 if absent.all() else np.nanmax(column), column)
    weights = ready.weights(ready.whole)[0]
    of_unit = (ready.units[:, None] == np.arange(ready.unit_count)) * weights[:, None]
    means: Reals = column @ (of_unit / of_unit.sum(axis=0))
    return means


def _chances(values: Reals, *, counts: Reals) -> Reals:
    """p of "better than" for every ordered pair. values: (entrant, unit). Returns (draw, better, worse), 1 on the diagonal."""
    size, units = values.shape
    chance = np.ones((len(counts), size, size))
    first, second = np.triu_indices(size, k=1)
    if (counts == 1).all():
        step = max(1, _PIECE // units)
        for start in range(0, len(first), step):
            one, other = first[start : start + step], second[start : start + step]
            chance[:, one, other], chance[:, other, one] = wilcoxon.once(values[one], values[other])
        return chance
    by_unit = np.ascontiguousarray(counts.T)
    for low, high in zip(first.tolist(), second.tolist(), strict=True):
        better, worse = wilcoxon.drawn(values[low], values[high], counts=by_unit)
        chance[:, low, high], chance[:, high, low] = better, worse
    return chance


def _holm(chances: Reals) -> Reals:
    """Holm's step-down correction within each row. (draw, test)"""
    order = np.argsort(chances, axis=1)
    left = np.arange(chances.shape[1], 0, -1)
    stepped = np.maximum.accumulate(np.take_along_axis(chances, order, axis=1) * left, axis=1)
    corrected = np.empty_like(chances)
    np.put_along_axis(corrected, order, np.minimum(stepped, 1.0), axis=1)
    return corrected
