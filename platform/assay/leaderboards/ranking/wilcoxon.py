"""Wilcoxon signed-rank tests of many pairs at once, and of one pair on many draws of its units.

Normal approximation with continuity and tie correction, zero differences left out, p = 1 where all are zero. The statistic and its
approximation: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., section 3.1. Peer: scipy.stats.wilcoxon
with alternative="greater", method="asymptotic", correction=True, zero_method="wilcox".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from assay.leaderboards.ranking.ties import RELATIVE, Reals

_Ints = NDArray[np.int64]


def once(one: Reals, other: Reals) -> tuple[Reals, Reals]:
    """p of "one is lower" and p of "other is lower", every unit taken once.

    one, other: (pair, unit). Returns two of (pair,).
    """
    size, in_favour = _sorted_steps(one, other)
    units = size.shape[1]
    zeros = (size == 0).sum(axis=1)
    count = units - zeros
    # without ties the rank is the place; zeros hold the first places and count for nothing
    places = np.arange(1.0, units + 1)
    favour = in_favour @ places - zeros * in_favour.sum(axis=1)
    ties = np.zeros(len(size))
    tied = np.flatnonzero(~((np.diff(size, axis=1) > 0) | (size[:, 1:] == 0)).all(axis=1))
    if len(tied):
        first, last = _edges(size[tied])
        ranks = (first + last) / 2 + 1 - zeros[tied, None]
        favour[tied] = (in_favour[tied] * ranks).sum(axis=1)
        ties[tied] = (((last - first + 1) ** 2 - 1) * (size[tied] > 0)).sum(axis=1)
    return _chances(favour=favour, count=count.astype(np.float64), ties=ties)


def drawn(one: Reals, other: Reals, *, counts: Reals) -> tuple[Reals, Reals]:
    """The same for one pair on draws of its units: unit u of draw b is taken counts[u, b] times.

    one, other: (unit,). counts: (unit, draw). Returns two of (draw,).
    """
    steps = _steps(one[None], other[None])[0]
    order = np.argsort(np.abs(steps))
    order = order[steps[order] != 0]
    if not len(order):
        return np.ones(counts.shape[1]), np.ones(counts.shape[1])
    steps, taken = steps[order], counts[order]
    total = taken.copy()
    for unit in range(1, len(total)):  # thrice as fast as cumsum along the first axis
        np.add(total[unit], total[unit - 1], out=total[unit])
    first, last = (edge[0] for edge in _edges(np.abs(steps)[None]))
    before = total[first] - taken[first]
    tied = total[last] - before
    favour = ((taken * (2 * before + tied + 1))[steps > 0]).sum(axis=0) / 2
    ties = (taken * (tied * tied - 1)).sum(axis=0)
    return _chances(favour=favour, count=total[-1], ties=ties)


def _steps(one: Reals, other: Reals) -> _Ints:
    """other - one in whole steps of what counts as the same number: equal differences tie exactly, rounding is none."""
    scale = np.maximum(np.abs(one), np.abs(other)).max(axis=1, keepdims=True)
    return np.rint((other - one) / np.where(scale > 0, scale * RELATIVE, 1.0)).astype(np.int64)


def _sorted_steps(one: Reals, other: Reals) -> tuple[_Ints, NDArray[Any]]:
    """(sizes in order, 1 where one is lower) of every pair's differences. Sign and size sort as one number: thrice as fast."""
    steps = _steps(one, other)
    keys = np.sort(2 * np.abs(steps) + (steps > 0), axis=1)
    return keys >> 1, (keys & 1).astype(np.float64)


def _edges(ordered: _Ints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For every place the first and the last place of its group of equal numbers. ordered: (row, place)"""
    place = np.arange(ordered.shape[1])
    apart = np.diff(ordered, axis=1) > 0
    edge = np.ones((len(ordered), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, apart]), place, 0), axis=1)
    last = np.minimum.accumulate(np.where(np.hstack([apart, edge]), place, place[-1])[:, ::-1], axis=1)[:, ::-1]
    return first, last


def _chances(*, favour: Reals, count: Reals, ties: Reals) -> tuple[Reals, Reals]:
    """p for both directions. favour: sum of the ranks in favour; count: differences that are not zero; ties: sum of t^3 - t."""
    middle = count * (count + 1) / 4
    spread = np.sqrt(np.where(count > 0, count * (count + 1) * (2 * count + 1) / 24 - ties / 48, 1.0))
    lower = np.where(count > 0, ndtr(-(favour - middle - 0.5) / spread), 1.0)
    higher = np.where(count > 0, ndtr((favour - middle + 0.5) / spread), 1.0)
    return lower, higher
