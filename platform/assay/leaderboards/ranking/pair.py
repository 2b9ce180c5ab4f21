"""Two methods against each other in one metric: how far apart they are, in how many cases, and how sure that is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from assay.leaderboards.ranking.aggregate import Values
from assay.leaderboards.ranking.bootstrap import COVERED, REPEATS
from assay.leaderboards.ranking.ties import rank_rows
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import TieMethod

_FEWEST_UNITS = 2


@dataclass(frozen=True, kw_only=True)
class Difference:
    """First minus second, in the metric's own unit, over the cases that both delivered; None where there is no such case."""

    mean: float | None
    #: the middle 95 % of the mean over draws of whole units; None where there are not two of them
    low: float | None
    high: float | None
    #: cases that both delivered, and the independent units that they come from
    both: int
    units: int
    #: lowest, lower quartile, median, upper quartile, highest
    spread: tuple[float, float, float, float, float] | None


@dataclass(frozen=True, kw_only=True)
class Duel:
    """In how many cases the first is better, as good, worse. A missing case loses; two missing ones tie."""

    wins: int
    ties: int
    losses: int


def difference(
    first: Values, second: Values, *, units: Sequence[Hashable], repeats: int = REPEATS, seed: int = 0
) -> Difference:
    """Mean difference and its interval; every case weighs the same. units: one a case, drawn whole and with replacement."""
    pairs = [(unit, a - b) for unit, a, b in zip(units, first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return Difference(mean=None, low=None, high=None, both=0, units=0, spread=None)
    steps = np.array([step for _, step in pairs])
    quartiles = [float(value) for value in np.quantile(steps, (0, 0.25, 0.5, 0.75, 1))]
    low, high = _interval(steps, units=[unit for unit, _ in pairs], repeats=repeats, seed=seed)
    return Difference(
        mean=float(steps.mean()),
        low=low,
        high=high,
        both=len(pairs),
        units=len({unit for unit, _ in pairs}),
        spread=(quartiles[0], quartiles[1], quartiles[2], quartiles[3], quartiles[4]),
    )


def duel(first: Values, second: Values, *, better: Better) -> Duel:
    """Count the cases. Values tie as ranks do."""
    table = np.array([first, second], dtype=np.float64).T
    ranks = rank_rows(-table if better is Better.HIGHER else table, ties=TieMethod.MIN)
    wins, losses = int((ranks[:, 0] < ranks[:, 1]).sum()), int((ranks[:, 0] > ranks[:, 1]).sum())
    return Duel(wins=wins, ties=len(table) - wins - losses, losses=losses)


def _interval(
    steps: np.ndarray[tuple[int], np.dtype[np.float64]], *, units: Sequence[Hashable], repeats: int, seed: int
) -> tuple[float | None, float | None]:
    known: dict[Hashable, int] = {}
    codes = np.array([known.setdefault(unit, len(known)) for unit in units])
    if len(known) < _FEWEST_UNITS:
        return None, None
    sums, sizes = np.bincount(codes, weights=steps), np.bincount(codes)
    picked = np.random.default_rng(seed).integers(len(known), size=(repeats, len(known)))
    means = sums[picked].sum(axis=1) / sizes[picked].sum(axis=1)
    tail = (1 - COVERED) / 2
    low, high = np.quantile(means, (tail, 1 - tail))
    return float(low), float(high)
