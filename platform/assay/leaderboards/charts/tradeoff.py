"""A metric's mean against what the method takes: seconds a case, and memory at its peak."""

from __future__ import annotations

from collections.abc import Sequence

from assay.leaderboards.charts.chosen import method_of
from evaluators.contract.boards import BoardColumn, BoardRow
from evaluators.contract.charts import TradeoffOut, TradeoffRow


def tradeoff_chart(*, column: BoardColumn, title: str, rows: Sequence[BoardRow]) -> TradeoffOut:
    """Of the rows that have a mean and something measured beside it."""
    there = [
        TradeoffRow(method=method_of(row), score=score, seconds_a_case=row.seconds_a_case, peak_memory=row.peak_memory)
        for row in rows
        if (score := row.metrics.get(column.key)) is not None
        and (row.seconds_a_case is not None or row.peak_memory is not None)
    ]
    return TradeoffOut(
        key=column.key,
        title=title,
        unit=column.unit,
        better=column.better,
        digits=column.digits,
        rows=there,
        not_measured=len(rows) - len(there),
    )
