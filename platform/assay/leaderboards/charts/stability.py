"""Rank stability: how often each method had each rank in the bootstrap draws (challengeR's blob plot)."""

from __future__ import annotations

from collections.abc import Sequence

from assay.leaderboards.certainty import Known
from assay.leaderboards.charts.chosen import method_of
from evaluators.contract.boards import BoardRow
from evaluators.contract.charts import RankShare, StabilityOut, StabilityRow


def stability_chart(*, known: Known, rows: Sequence[BoardRow]) -> StabilityOut:
    """Of the rows that have been drawn. known: with its shares."""
    told = known.told
    if told.state != "ready":
        return StabilityOut(state=told.state, reason=told.reason)
    return StabilityOut(
        state="ready",
        words=told.intervals,
        rows=[
            StabilityRow(
                method=method_of(row),
                median=_median(known.shares[row.submission]),
                low=known.intervals[row.submission][0],
                high=known.intervals[row.submission][1],
                shares=[RankShare(rank=rank, share=share) for rank, share in known.shares[row.submission]],
            )
            for row in rows
            if row.submission in known.shares
        ],
    )


def _median(shares: Sequence[tuple[float, float]]) -> float:
    """The lowest rank that at least half of the draws did not exceed. shares: by rank, upwards."""
    passed = 0.0
    for rank, share in shares:
        passed += share
        # a sum of shares such as 0.1 may fall short of one half by its last bit
        if passed >= 0.5 - 1e-9:
            return rank
    raise ValueError("the shares of a method's ranks sum to 1")
