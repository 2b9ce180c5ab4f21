"""The charts of a board as their page prints them: the numbers of each as text, for the table beneath."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assay.leaderboards.measured import memory_text, pace_text
from assay.leaderboards.page import Choice, column_title, metric_text
from assay.leaderboards.query import BoardQuery
from evaluators.contract.boards import BoardOut
from evaluators.contract.charts import ChartMethod, ChartsOut, DistributionOut, StabilityRow

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
    mine = set(own)
    column = next(each for each in board.columns if each.key == charts.tradeoff.key)
    return ChartsPage(
        stability=tuple(_row(each.method, mine, _ranks(each)) for each in charts.stability.rows),
        distribution=distribution_rows(charts.distribution, own=mine),
        tradeoff=tuple(
            _row(
                each.method,
                mine,
                (
                    metric_text(each.score, column=column),
                    pace_text(each.seconds_a_case) or "–",
                    memory_text(each.peak_memory) or "–",
                ),
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


def distribution_rows(chart: DistributionOut, *, own: Collection[str]) -> tuple[TableRow, ...]:
    """The table beneath one metric's values case by case. own: submission codes."""
    return tuple(
        _row(
            each.method,
            own,
            (
                *([f"{value:.{chart.digits}f}" for value in each.quantiles] or ["–"] * 5),
                str(each.cases),
                str(each.missing),
            ),
        )
        for each in chart.rows
    )


def _row(method: ChartMethod, own: Collection[str], cells: tuple[str, ...]) -> TableRow:
    return TableRow(method=method, own=method.submission in own, cells=cells)


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
