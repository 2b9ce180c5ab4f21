"""The board's figure: one metric's mean against one property of the cases, with the table that it is drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from assay.leaderboards.charts.chosen import chosen_rows
from assay.leaderboards.page import Choice, arrow_of, column_title, metric_text
from assay.leaderboards.query import BoardQuery
from evaluators.contract.boards import BoardOut, BoardRow
from evaluators.contract.tasks import TaskSpec

#: more lines than this cannot be told apart
_LINES = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    """One method in the figure and in its table."""

    row: BoardRow
    own: bool
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Numbers for the figure, texts for the table beneath."""

    title: str
    x_title: str
    labels: tuple[str, ...]
    lines: tuple[Line, ...]
    left_out: int
    metrics: tuple[Choice, ...]
    properties: tuple[Choice, ...]
    payload: dict[str, Any]


def build_figure(*, table: BoardOut, task: TaskSpec, query: BoardQuery, own: Iterable[str]) -> Figure | None:
    """The figure that the address asks for; None where no property has two values, or nothing is ranked."""
    present = {key for row in table.rows for key in row.strata}
    properties = {
        name: [value for value in spec.values if f"{name}={value}" in present] for name, spec in task.strata.items()
    }
    properties = {name: values for name, values in properties.items() if len(values) > 1}
    columns = {column.key: column for column in table.columns}
    if not properties or not table.rows:
        return None
    by = query.by if query.by in properties else next(iter(properties))
    key = query.chart if query.chart in columns else next(c.key for c in table.columns if c.ranks)
    column, positions = columns[key], _positions(properties[by])
    values = properties[by] if positions is None else list(positions)
    mine = set(own)
    rows = chosen_rows(table.rows, most=_LINES, mine=mine)
    return Figure(
        title=f"{column_title(column, among=table.columns)} by {task.strata[by].title.lower()}",
        x_title=task.strata[by].title,
        labels=tuple(task.strata[by].values[value] for value in values),
        lines=tuple(
            Line(
                row=row,
                own=row.team in mine,
                texts=tuple(
                    metric_text(row.strata.get(f"{by}={value}", {}).get(key), column=column) for value in values
                ),
            )
            for row in rows
        ),
        left_out=len(table.rows) - len(rows),
        metrics=tuple(
            Choice(
                title=column_title(each, among=table.columns),
                url=query.changed(chart=each.key) + "#figure",
                current=each.key == key,
            )
            for each in table.columns
        ),
        properties=tuple(
            Choice(title=task.strata[name].title, url=query.changed(by=name) + "#figure", current=name == by)
            for name in properties
        ),
        payload={
            "y": f"{column.title} {arrow_of(column)}" + ("" if column.unit in {"", "1"} else f" ({column.unit})"),
            "x": task.strata[by].title,
            "labels": [task.strata[by].values[value] for value in values],
            "positions": None if positions is None else list(positions.values()),
            "digits": column.digits,
            "series": [
                {
                    "name": row.method,
                    "baseline": row.baseline,
                    "own": row.team in mine,
                    "values": [row.strata.get(f"{by}={value}", {}).get(key) for value in values],
                }
                for row in rows
            ],
        },
    )


def _positions(values: list[str]) -> dict[str, float] | None:
    """Where each value stands on an axis to scale, from left to right; None where a value is no number, or two are the same."""
    try:
        numbers = {value: float(value) for value in values}
    except ValueError:
        return None
    if len(set(numbers.values())) < len(values) or not all(isfinite(number) for number in numbers.values()):
        return None
    return dict(sorted(numbers.items(), key=lambda pair: pair[1]))
