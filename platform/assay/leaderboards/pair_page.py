"""Two rows of a board against each other, as the page prints it: numbers as text, and the figure's payload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay.leaderboards.page import Choice, arrow_of, column_title, metric_text, signed, unit_text
from evaluators.contract.boards import BoardColumn, BoardOut, PairMetric, PairOut

#: chances below this are not told apart from each other by a normal approximation
_SMALLEST = 0.0001


@dataclass(frozen=True, kw_only=True)
class MetricLine:
    """One metric in the table."""

    title: str
    unit: str
    metric: PairMetric
    first: str
    second: str
    difference: str
    interval: str
    p: str
    p_holm: str
    spread: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StratumLine:
    """One stratum of the metric that the figure shows."""

    title: str
    difference: str
    interval: str


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One case of the same metric."""

    case: int
    strata: str
    first: str
    second: str
    difference: str


@dataclass(frozen=True, kw_only=True)
class PairPage:
    """Everything that the template prints."""

    lines: tuple[MetricLine, ...]
    choices: tuple[Choice, ...]
    picked: MetricLine
    strata: tuple[StratumLine, ...]
    cases: tuple[CaseLine, ...]
    payload: dict[str, Any]


def pair_page(pair: PairOut, *, table: BoardOut, metric: str) -> PairPage:
    """metric: the key that the figure shows; the first that ranks where it is none of them."""
    lines = tuple(_line(each, among=table.columns) for each in pair.metrics)
    keys = [each.column.key for each in pair.metrics]
    first = next((each.column.key for each in pair.metrics if each.column.ranks), keys[0])
    key = metric if metric in keys else first
    picked = lines[keys.index(key)]
    column = picked.metric.column
    query = f"?a={pair.first.submission}&b={pair.second.submission}"
    return PairPage(
        lines=lines,
        choices=tuple(
            Choice(
                title=line.title,
                url=f"{query}&metric={line.metric.column.key}#figure",
                current=line.metric.column.key == key,
            )
            for line in lines
        ),
        picked=picked,
        strata=tuple(
            StratumLine(
                title=each.title,
                difference=signed(each.difference, digits=column.digits),
                interval=_interval(each.low, each.high, digits=column.digits),
            )
            for each in picked.metric.strata
        ),
        cases=_cases(pair, column=column),
        payload={
            "x": f"{column.title} {arrow_of(column)}, {pair.first.method} minus {pair.second.method}"
            + (f" ({unit_text(column)})" if unit_text(column) else ""),
            "digits": column.digits,
            "better": column.better,
            "rows": [
                {"title": each.title, "mean": each.difference, "low": each.low, "high": each.high}
                for each in picked.metric.strata
                if each.difference is not None
            ],
        },
    )


def chosen_pair(table: BoardOut, *, first: str, second: str) -> tuple[str, str]:
    """What the two lists show at first: what was asked for, else the two at the top."""
    codes = [row.submission for row in table.rows]
    one = first if first in codes else next((code for code in codes if code != second), "")
    return one, second if second in codes else next((code for code in codes if code != one), "")


def _line(metric: PairMetric, *, among: Sequence[BoardColumn]) -> MetricLine:
    column = metric.column
    return MetricLine(
        title=f"{column_title(column, among=among)} {arrow_of(column)}",
        unit=unit_text(column),
        metric=metric,
        first=metric_text(metric.first, column=column),
        second=metric_text(metric.second, column=column),
        difference=signed(metric.difference, digits=column.digits),
        interval=_interval(metric.low, metric.high, digits=column.digits),
        p=_chance(metric.p),
        p_holm=_chance(metric.p_holm),
        spread=tuple(signed(value, digits=column.digits) for value in metric.spread or ()),
    )


def _cases(pair: PairOut, *, column: BoardColumn) -> tuple[CaseLine, ...]:
    lines = []
    for case in pair.per_case or ():
        one, other = case.first[column.key], case.second[column.key]
        step = None if one is None or other is None else one - other
        lines.append(
            CaseLine(
                case=case.case,
                strata=", ".join(f"{name} {value}" for name, value in case.strata.items()),
                first=metric_text(one, column=column),
                second=metric_text(other, column=column),
                difference=signed(step, digits=column.digits),
            )
        )
    return tuple(lines)


def _interval(low: float | None, high: float | None, *, digits: int) -> str:
    if low is None or high is None:
        return "–"
    return f"{signed(low, digits=digits)} to {signed(high, digits=digits)}"


def _chance(p: float | None) -> str:
    if p is None:
        return "–"
    return f"< {_SMALLEST:g}" if p < _SMALLEST else f"{p:.2g}"
