"""Medians of ranks where cases weigh differently."""

from __future__ import annotations

import numpy as np

from assay.leaderboards.ranking.ties import Reals

#: sums of weights are rounded; half of them is still half
_NOISE = 1e-9
#: running sums held side by side: enough to hide the loop's own cost, little enough for a processor's cache
_SIDE_BY_SIDE = 2048


def weighted_medians(ranks: Reals, *, weights: Reals) -> Reals:
    """Where half of the weight lies; the middle of two neighbours where it falls exactly between them.

    ranks: (case, entrant). weights: (draw, case), rows sum to 1. Returns (draw, entrant).
    """
    by_case = np.ascontiguousarray(weights.T)
    medians = np.empty((len(weights), ranks.shape[1]))
    order = np.argsort(ranks, axis=0)
    ordered = np.take_along_axis(ranks, order, axis=0)
    last = len(ranks) - 1
    step = max(1, _SIDE_BY_SIDE // len(weights))
    for start in range(0, ranks.shape[1], step):
        some = np.s_[start : start + step]
        below = by_case[order[:, some]]
        for case in range(1, len(below)):  # thrice as fast as cumsum along the first axis
            np.add(below[case], below[case - 1], out=below[case])
        # the first value that half of the weight does not exceed, and the first that more than half does not
        low = np.minimum((below < 0.5 - _NOISE).sum(axis=0, dtype=np.int32), last)
        high = np.minimum((below <= 0.5 + _NOISE).sum(axis=0, dtype=np.int32), last)
        entrants = np.arange(ranks.shape[1])[some, None]
        medians[:, some] = ((ordered[low, entrants] + ordered[high, entrants]) / 2).T
    return medians
