"""The charts of a board as their page prints them: the numbers of each as text, for the table beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.leaderboards.measured import memory_text, pace_text
from assay.leaderboards.page import Choice, column_title, metric_text
from assay.leaderboards.query import BoardQuery
from evaluators.contract.boards import BoardColumn, BoardOut
from evaluators.contract.charts import ChartMethod, ChartsOut, DistributionRow, StabilityRow

#: ranks of one method that its line of the table names
_RANKS_TOLD = 6


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One method: cells as text, in the order of the table's head."""

    method: ChartMethod
    own: bool
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChartsPage:
    """Tables beneath the charts, and what the reader may choose."""

    stability: tuple[TableRow, ...]
    distribution: tuple[TableRow, ...]
    tradeoff: tuple[TableRow, ...]
    metrics: tuple[Choice, ...]
    binned: bool


def charts_page(charts: ChartsOut, *, board: BoardOut, own: Sequence[str], query: BoardQuery) -> ChartsPage:
    """own: submission codes of the viewer's teams."""
    column = next(each for each in board.columns if each.key == charts.distribution.key)
    mine = set(own)

    def row(method: ChartMethod, *cells: str) -> TableRow:
        return TableRow(method=method, own=method.submission in mine, cells=cells)

    return ChartsPage(
        stability=tuple(row(each.method, *_ranks(each)) for each in charts.stability.rows),
        distribution=tuple(row(each.method, *_spread(each, column=column)) for each in charts.distribution.rows),
        tradeoff=tuple(
            row(
                each.method,
                metric_text(each.score, column=column),
                pace_text(each.seconds_a_case) or "–",
                memory_text(each.peak_memory) or "–",
            )
            for each in charts.tradeoff.rows
        ),
        metrics=tuple(
            Choice(
                title=column_title(each, among=board.columns),
                url=query.changed(chart=each.key) + "#charts",
                current=each.key == column.key,
            )
            for each in board.columns
        ),
        binned=any(each.cases and each.points is None for each in charts.distribution.rows),
    )


def _ranks(row: StabilityRow) -> tuple[str, ...]:
    often = sorted(row.shares, key=lambda one: (-one.share, one.rank))
    told = sorted(often[:_RANKS_TOLD], key=lambda one: one.rank)
    words = " · ".join(f"{one.rank:g}: {_percent(one.share)}" for one in told)
    rest = sum(one.share for one in often[_RANKS_TOLD:])
    return (
        f"{row.median:g}",
        f"{row.low:g}" if row.low == row.high else f"{row.low:g}–{row.high:g}",
        words + (f" · others {_percent(rest)}" if rest else ""),
    )


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%").replace("%", " %")


def _spread(row: DistributionRow, *, column: BoardColumn) -> tuple[str, ...]:
    told = [metric_text(value, column=column) for value in row.quantiles] or ["–"] * 5
    return (*told, str(row.cases), str(row.missing))
