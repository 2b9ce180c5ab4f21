"""How far a ranking would move had other subjects been scanned: whole independent units drawn again, the ranking redone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.kendall import tau_b
from assay.leaderboards.ranking.rules import scorer
from assay.leaderboards.ranking.ties import Reals, rank_rows
from evaluators.contract.tasks import RankingRule

REPEATS = 1000
#: share of the draws that an interval of ranks covers at least
COVERED = 0.95
#: numbers held at once for a piece of the draws: little enough for a processor's cache
_PIECE = 80_000
#: the same where pairs are tested: every piece costs a walk over pairs and units, so there are few
_PIECE_OF_TESTS = 600_000


class TooFewUnits(ValueError):
    """One independent unit drawn again and again is always the same one: it says nothing about stability."""


@dataclass(frozen=True, kw_only=True)
class Stability:
    """What the draws say."""

    #: entrant -> lowest and highest rank of the middle 95 % of the draws, both ranks that occurred
    intervals: Mapping[str, tuple[float, float]]
    #: mean of Kendall's tau-b between the ranking and that of each draw; None for a single entrant
    tau: float | None
    #: entrant -> rank -> share of the draws, for blob plots
    shares: Mapping[str, Mapping[float, float]]


def stability(ready: Contest, *, repeats: int = REPEATS, seed: int = 0) -> Stability:
    """Redo the ranking on `repeats` draws of as many units as there are, with replacement.

    The same seed gives the same draws (numpy's PCG64). Raises TooFewUnits, TooManyTests, ValueError for repeats below 1.
    """
    ranks = drawn_ranks(ready, repeats=repeats, seed=seed)
    whole = rank_rows(scorer(ready)(ready.whole), ties=ready.ties)[0]
    ordered = np.sort(ranks, axis=0)
    tail = (1 - COVERED) / 2 * (repeats - 1)
    low, high = ordered[int(np.floor(tail))], ordered[int(np.ceil(repeats - 1 - tail))]
    return Stability(
        intervals={name: (float(low[at]), float(high[at])) for at, name in enumerate(ready.names)},
        tau=float(tau_b(whole, rankings=ranks).mean()) if len(ready.names) > 1 else None,
        shares={
            name: {rank: times / repeats for rank, times in sorted(Counter(ranks[:, at].tolist()).items())}
            for at, name in enumerate(ready.names)
        },
    )


def drawn_ranks(ready: Contest, *, repeats: int, seed: int) -> Reals:
    """The ranking of every draw. (draw, entrant). Raises as `stability` does."""
    if repeats < 1:
        raise ValueError(f"a bootstrap needs at least one draw, not {repeats}")
    if ready.unit_count < 2:
        raise TooFewUnits("there is one independent unit: a bootstrap needs two at least")
    score = scorer(ready)
    pieces = [rank_rows(score(counts), ties=ready.ties) for counts in draws(ready, repeats=repeats, seed=seed)]
    return np.concatenate(pieces)


def draws(ready: Contest, *, repeats: int, seed: int) -> Iterator[Reals]:
    """How often each unit was drawn, in pieces that bound memory: (draw, unit) each."""
    random = np.random.default_rng(seed)
    units = ready.unit_count
    piece = _PIECE_OF_TESTS if ready.rule is RankingRule.SIGNIFICANCE else _PIECE
    step = max(1, piece // max(len(ready.names), len(ready.cells) * len(ready.metrics), units))
    for start in range(0, repeats, step):
        rows = min(step, repeats - start)
        picked = random.integers(units, size=(rows, units))
        picked += np.arange(rows)[:, None] * units
        yield np.bincount(picked.ravel(), minlength=rows * units).reshape(rows, units).astype(np.float64)
