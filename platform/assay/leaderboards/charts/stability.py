"""Rank stability: how often each method had each rank in the bootstrap draws (challengeR's blob plot)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assay.leaderboards.charts.chosen import method_of
from assay.leaderboards.charts.values import Shares
from evaluators.contract.boards import BoardCertainty, BoardRow
from evaluators.contract.charts import RankShare, StabilityOut, StabilityRow


def stability_chart(
    *, certainty: BoardCertainty, rows: Sequence[BoardRow], shares: Mapping[str, Shares]
) -> StabilityOut:
    """Of the rows that have been drawn. shares: submission code -> how often each rank was drawn."""
    if certainty.state != "ready":
        return StabilityOut(state=certainty.state, reason=certainty.reason)
    found = (_row(row, shares.get(row.submission, ())) for row in rows)
    return StabilityOut(state="ready", words=certainty.intervals, rows=[row for row in found if row is not None])


def _row(row: BoardRow, shares: Shares) -> StabilityRow | None:
    """None for a method that was not drawn, or was drawn anew since the board was read."""
    low, high = row.rank_low, row.rank_high
    if low is None or high is None or not {low, high} <= {rank for rank, _ in shares}:
        return None
    return StabilityRow(
        method=method_of(row),
        median=_median(shares),
        low=low,
        high=high,
        shares=[RankShare(rank=rank, share=share) for rank, share in shares],
    )


def _median(shares: Shares) -> float:
    """The lowest rank that at least half of the draws did not exceed. shares: by rank, upwards."""
    passed = 0.0
    for rank, share in shares:
        passed += share
        # a sum of shares such as 0.1 may fall short of one half by its last bit
        if passed >= 0.5 - 1e-9:
            return rank
    raise ValueError("the shares of a method's ranks sum to 1")
