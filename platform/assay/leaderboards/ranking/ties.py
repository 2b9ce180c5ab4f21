"""Ranks of numbers, and when two numbers count as the same: one method for values, means and mean ranks alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.tasks import TieMethod

Reals = NDArray[np.float64]

#: numbers tie that differ by less than this share of the larger one: sums in another order differ by less, methods by more
RELATIVE = 1e-9
#: or by less than this: a mean that cancels to nothing is nothing
ABSOLUTE = 1e-12


def rank_rows(numbers: NDArray[np.floating[Any]], *, ties: TieMethod) -> Reals:
    """Ranks within each row, 1 for the lowest number; those that tie share the rank that `ties` names.

    MIN 1 1 3 · AVERAGE 1.5 1.5 3 · MAX 2 2 3. Neighbours in order tie when they differ by rounding alone
    (RELATIVE, ABSOLUTE), so a chain of such neighbours is one group.
    numbers: (row, entrant). A number that is nan ranks last: as many as there are entrants, whatever ties.
    Returns (row, entrant), whole or half numbers.
    """
    rows, count = numbers.shape
    if count == 0:
        return np.zeros((rows, 0))
    order = np.argsort(numbers, axis=1)
    ordered = np.take_along_axis(numbers, order, axis=1)
    size = np.abs(ordered)
    with np.errstate(invalid="ignore"):
        # nan differs from everything: the comparison must be false for it
        apart = ~(np.diff(ordered, axis=1) <= np.maximum(RELATIVE * np.maximum(size[:, 1:], size[:, :-1]), ABSOLUTE))
    ranks = np.empty((rows, count))
    np.put_along_axis(ranks, order, _shared(apart, ties=ties), axis=1)
    ranks[np.isnan(numbers)] = count
    return ranks


def _shared(apart: NDArray[np.bool_], *, ties: TieMethod) -> Reals:
    """Ranks in order of the numbers. apart: (row, entrant - 1), whether a group ends between two neighbours."""
    rows, gaps = apart.shape
    edge = np.ones((rows, 1), dtype=bool)
    place = np.arange(gaps + 1, dtype=np.int32)
    first = np.maximum.accumulate(np.where(np.hstack([edge, apart]), place, 0), axis=1) + 1
    if ties is TieMethod.MIN:
        return first.astype(np.float64)
    ends = np.where(np.hstack([apart, edge]), place, gaps)
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1] + 1
    return last.astype(np.float64) if ties is TieMethod.MAX else (first + last) / 2
