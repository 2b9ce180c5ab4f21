"""Kendall's tau-b of many rankings against one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.leaderboards.ranking.ties import Reals

_Ints = NDArray[np.int64]


def tau_b(reference: Reals, *, rankings: Reals) -> Reals:
    """(concordant - discordant) / sqrt(pairs not tied in one * pairs not tied in the other), from -1 to 1.

    Two rankings without any order agree (1); one with and one without do not (0), where the formula is 0 / 0.
    reference: (entrant,). rankings: (ranking, entrant). Ranks are whole or half numbers. Returns (ranking,).
    """
    size = rankings.shape[1]
    one = np.rint(2 * reference).astype(np.int64)
    many = np.rint(2 * rankings).astype(np.int64)
    base = int(many.max(initial=0)) + 1
    joint = np.sort(one * base + many, axis=1)
    in_order = joint % base
    pairs = size * (size - 1) / 2
    tied_one = _tied_pairs(np.sort(one)[None])[0]
    tied_many = _tied_pairs(np.sort(many, axis=1))
    agreeing = pairs - tied_one - tied_many + _tied_pairs(joint) - 2 * _discordant(in_order, base=base)
    free_one, free_many = pairs - tied_one, pairs - tied_many
    defined = (free_one > 0) & (free_many > 0)
    tau: Reals = np.where((free_one == 0) & (free_many == 0), 1.0, 0.0)
    np.divide(agreeing, np.sqrt(free_one * free_many), out=tau, where=defined)
    return tau


def _tied_pairs(ordered: _Ints) -> _Ints:
    """Pairs of equal numbers in each row of sorted numbers."""
    place = np.arange(ordered.shape[1])
    starts = np.hstack([np.ones((len(ordered), 1), dtype=bool), np.diff(ordered, axis=1) > 0])
    pairs: _Ints = (place - np.maximum.accumulate(np.where(starts, place, 0), axis=1)).sum(axis=1)
    return pairs


def _discordant(numbers: _Ints, *, base: int) -> _Ints:
    """Pairs in each row whose earlier number is the larger one: a merge sort's count, every level sorted on its own."""
    size = numbers.shape[1]
    place = np.arange(size)
    found = np.zeros(len(numbers), dtype=np.int64)
    width = 1
    while width < size:
        right = (place // width) % 2
        pair = place // (2 * width)
        kind = np.int32 if (int(pair[-1]) + 1) * 2 * base < 2**31 else np.int64
        # within a pair of blocks by number, and of equal numbers the left block's first: equal is not discordant
        keys = np.sort(((pair * base + numbers) * 2 + right).astype(kind), axis=1)
        from_right = keys & 1
        # of a pair's left block, those that were not passed yet are larger; earlier pairs were passed whole
        passed = np.cumsum(1 - from_right, axis=1, dtype=np.int32) - pair * width
        larger = np.minimum(width, size - 2 * width * pair) - passed
        found += (larger * from_right).sum(axis=1)
        width *= 2
    return found
