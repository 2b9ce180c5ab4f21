"""How sure a ranking is, in one answer: intervals of ranks, groups that are not told apart, and the chances behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from assay.leaderboards.ranking.bootstrap import COVERED, REPEATS, stability
from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.groups import groups
from assay.leaderboards.ranking.rules import standings
from assay.leaderboards.ranking.significance import ALPHA, chances

#: methods among whom every pair is tested, the first in the ranking
MOST_TESTED = 300
SEED = 0
#: rises when the same scores would give another answer
VERSION = 2
#: digits of a chance that are kept
_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """What draws and tests say of one ranking."""

    #: entrant -> lowest and highest rank of the middle 95 % of the draws
    intervals: Mapping[str, tuple[float, float]]
    #: mean of Kendall's tau-b between the ranking and that of each draw; None for a single entrant
    tau: float | None
    #: entrant -> letters; entrants behind the first MOST_TESTED are not among them
    letters: Mapping[str, str]
    #: who was tested, in the order of `chances`
    tested: tuple[str, ...]
    #: metric -> p of "row is better than column", Holm-corrected over all ordered pairs of the metric
    chances: Mapping[str, list[list[float]]]
    #: entrant among `tested` -> rank -> share of the draws, for blob plots
    shares: Mapping[str, Mapping[float, float]]


def certainty(ready: Contest, *, repeats: int = REPEATS, seed: int = SEED) -> Certainty:
    """Draw `repeats` times, and test every pair of the first MOST_TESTED. Raises TooFewUnits, TooManyTests."""
    drawn = stability(ready, repeats=repeats, seed=seed)
    first = _first(ready, most=MOST_TESTED)
    tested = chances(first, counts=first.whole)[0]
    return Certainty(
        intervals=drawn.intervals,
        tau=drawn.tau,
        letters=groups(first, tested=tested).letters,
        tested=first.names,
        chances={
            metric.key: [[float(f"{p:.{_DIGITS}g}") for p in row] for row in tested[at].tolist()]
            for at, metric in enumerate(first.metrics)
        },
        shares={name: drawn.shares[name] for name in first.names},
    )


def key_of(ready: Contest) -> str:
    """A digest over everything that decides the answer: whoever ranks, every value, cells, units, rule, draws and level.

    Entrants in another order have another key: give them in a fixed one. 64 hex digits.
    """
    settings = (VERSION, REPEATS, SEED, COVERED, ALPHA, MOST_TESTED, ready.rule, ready.ties)
    metrics = [(metric.key, metric.better) for metric in ready.metrics]
    digest = hashlib.sha256(repr((settings, ready.names, metrics)).encode())
    for numbers in (*ready.columns, ready.cells, ready.units):
        digest.update(repr(numbers.shape).encode())
        digest.update(np.ascontiguousarray(numbers).tobytes())
    return digest.hexdigest()


def _first(ready: Contest, *, most: int) -> Contest:
    """The same contest among its first entrants alone, equals by name."""
    if len(ready.names) <= most:
        return ready
    placed = standings(ready)
    order = sorted(range(len(ready.names)), key=lambda at: (placed[ready.names[at]].rank, ready.names[at]))
    kept = sorted(order[:most])
    return replace(
        ready, names=tuple(ready.names[at] for at in kept), columns=tuple(column[kept] for column in ready.columns)
    )
