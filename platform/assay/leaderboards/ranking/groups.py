"""Which methods the data cannot tell apart: letters as in a compact letter display, over neighbours of the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.rules import standings
from assay.leaderboards.ranking.significance import ALPHA, chances
from assay.leaderboards.ranking.ties import Reals


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The groups of a ranking, best first."""

    #: maximal runs of neighbours in the ranking of whom no two can be told apart
    runs: tuple[tuple[str, ...], ...]
    #: entrant -> its runs as letters, `a` the first: two that share a letter cannot be told apart
    letters: Mapping[str, str]


def groups(ready: Contest, *, alpha: float = ALPHA, tested: Reals | None = None) -> Groups:
    """Pairwise one-sided paired Wilcoxon tests on unit means, Holm over all ordered pairs of a metric.

    Two methods are told apart when one is significantly better in at least one metric and the other in none. A run is as long
    as no two of its members are told apart; runs overlap, so a method may carry several letters. Two methods without a common
    letter are told apart, or a method that ranks between them is told apart from one of them.
    tested: (metric, better, worse) of `chances`, where they are known already. Raises TooManyTests.
    """
    placed = standings(ready)
    order = sorted(range(len(ready.names)), key=lambda at: (placed[ready.names[at]].rank, ready.names[at]))
    apart = told_apart(ready, alpha=alpha, tested=tested)[np.ix_(order, order)]
    runs = _runs(apart)
    letters = [""] * len(order)
    for number, (first, last) in enumerate(runs):
        for at in range(first, last + 1):
            letters[at] += _letter(number)
    names = [ready.names[at] for at in order]
    return Groups(
        runs=tuple(tuple(names[first : last + 1]) for first, last in runs),
        letters=dict(zip(names, letters, strict=True)),
    )


def told_apart(ready: Contest, *, alpha: float = ALPHA, tested: Reals | None = None) -> NDArray[np.bool_]:
    """(entrant, entrant), symmetric. tested: as `groups` has it."""
    found = chances(ready, counts=ready.whole)[0] if tested is None else tested
    wins: NDArray[np.bool_] = np.any(found < alpha, axis=0)
    # better in one metric and worse in another is no order: such two stay together
    one_way: NDArray[np.bool_] = wins ^ wins.T
    return one_way


def _runs(apart: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, last) of every run that is not inside another."""
    found: list[tuple[int, int]] = []
    first = 0
    for last in range(len(apart)):
        conflicts = np.flatnonzero(apart[first:last, last])
        if len(conflicts):
            found.append((first, last - 1))
            first += int(conflicts[-1]) + 1
    return [*found, (first, len(apart) - 1)]


def _letter(number: int) -> str:
    """a … z, then (27), (28) …: still one sign a run."""
    return chr(ord("a") + number) if number < 26 else f"({number + 1})"
