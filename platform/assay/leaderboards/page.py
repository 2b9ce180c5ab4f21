"""A board as the page shows it: cells as text, headers with their links, filters, and the figure's numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.leaderboards.measured import memory_text, pace_text
from assay.leaderboards.query import BoardQuery
from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule, TaskSpec

_LETTER = re.compile(r"[a-z]|\(\d+\)")
#: rows of a page
PAGE = 100
#: columns beside the metrics that a reader may sort by
_OTHER_SORTS = ("rank", "method", "pace", "memory", "cases")


def picked_column(columns: Sequence[BoardColumn], key: str) -> BoardColumn:
    """The one that is asked for, else the first that ranks."""
    ranking = next(column for column in columns if column.ranks)
    return next((column for column in columns if column.key == key), ranking)


@dataclass(frozen=True, kw_only=True)
class Header:
    """One metric column's head."""

    column: BoardColumn
    picked: bool
    sort_url: str
    aria_sort: str
    pick_url: str
    #: the title, told apart from others of the same name
    short: str
    note: str

    @property
    def unit(self) -> str:
        """Empty for a plain number."""
        return unit_text(self.column)

    @property
    def arrow(self) -> str:
        """The sign that stands beside the title."""
        return arrow_of(self.column)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One metric's mean as text; `missing` says why there is none."""

    text: str
    missing: str
    ranks: bool
    picked: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method."""

    row: BoardRow
    rank: str
    tied: bool
    own: bool
    #: such as 1–3; empty where it is not known
    range: str
    #: places since the newest snapshot, such as ▲2, and the same in words
    change: str
    change_words: str
    cells: tuple[Cell, ...]
    pace: str
    memory: str
    total: int
    #: the link that keeps the row in sight, or no longer; empty on a board of one page
    pin_url: str = ""
    pinned: bool = False

    @property
    def lost(self) -> int:
        """Cases without a value."""
        return sum(self.row.failures.values())


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One link of a filter."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class StratumFilter:
    """All values of one property."""

    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """Everything that the template prints."""

    headers: tuple[Header, ...]
    #: of this page
    rows: tuple[Row, ...]
    #: pinned ones, and the reader's own that stand on another page
    above: tuple[Row, ...]
    #: both, each row once
    noted: tuple[Row, ...]
    #: every row that a filter or the search left, on how many pages
    found: int
    pages: tuple[Choice, ...]
    #: places in the order of this page's first and last row, from 1
    first: int
    last: int
    hidden_rows: int
    filters: tuple[StratumFilter, ...]
    everything: Choice
    stratum_title: str
    #: on a board of speed: whether a phone shows the seconds, and the link that makes it; None elsewhere
    pace: Choice | None
    sort_urls: dict[str, str]
    aria_sorts: dict[str, str]
    #: whether a row is of result files
    with_predictions: bool


def build_page(*, table: BoardOut, task: TaskSpec | None, query: BoardQuery, own: Iterable[str]) -> BoardPage:
    """Turn a board into a page. task: None for a snapshot, which has no filters of cases. own: slugs of the viewer's teams."""
    shown = [column for column in table.columns if query.all_columns or column.shown == "ranking"]
    keys = [column.key for column in shown]
    timed = table.ranking == RankingRule.SPEED
    # what ranks is what a phone shows first
    first = "pace" if timed else next(c.key for c in shown if c.ranks or c is shown[-1])
    picked = query.metric if query.metric in keys else first
    mine = set(own)
    places = Counter(row.rank for row in table.rows)
    rows = [
        row
        for row in _sorted(table.rows, query=query, columns=table.columns)
        if (query.baselines or not row.baseline) and _found(row, query.find)
    ]
    count = max(1, -(-len(rows) // PAGE))
    number = min(query.page, count)
    here = rows[(number - 1) * PAGE : number * PAGE]
    by_code = {row.submission: row for row in table.rows}
    on_page = {row.submission for row in here}
    above = [by_code[code] for code in query.pins if code in by_code]
    above += [row for row in table.rows if row.team in mine and row.submission not in on_page | set(query.pins)][:PAGE]
    pinning = query if count > 1 or query.pins else None

    def told(some: Sequence[BoardRow]) -> tuple[Row, ...]:
        return tuple(
            _row(row, shown=shown, picked=picked, mine=mine, table=table, places=places, pinning=pinning)
            for row in some
        )

    return BoardPage(
        headers=tuple(_header(column, picked=picked, query=query, among=shown) for column in shown),
        rows=told(here),
        above=told(above),
        noted=told([*(row for row in above if row.submission not in on_page), *here]),
        found=len(rows),
        pages=_pages(number, count=count, query=query),
        first=(number - 1) * PAGE + 1,
        last=(number - 1) * PAGE + len(here),
        hidden_rows=len(table.rows) - len(rows),
        filters=_filters(task, table=table, query=query) if task else (),
        everything=Choice(title="all", url=query.changed(stratum=""), current=not query.stratum),
        stratum_title=stratum_title(task, query.stratum) if task else "",
        pace=Choice(title="Time ↓", url=query.changed(metric="", wide=False), current=picked == "pace")
        if timed
        else None,
        sort_urls={name: _sort_url(name, better=Better.LOWER, query=query) for name in _OTHER_SORTS},
        aria_sorts={name: _aria(name, query=query, better=Better.LOWER) for name in _OTHER_SORTS},
        with_predictions=any(row.predictions for row in (*here, *above)),
    )


def range_text(row: BoardRow) -> str:
    """`1–3`, or `2` where every draw agrees; empty where it is not known."""
    if row.rank_low is None or row.rank_high is None:
        return ""
    low, high = f"{row.rank_low:g}", f"{row.rank_high:g}"
    return low if low == high else f"{low}–{high}"


def letters_of(group: str) -> list[str]:
    """The letters of one method: `ab` are two, and so are `z(27)`."""
    return _LETTER.findall(group)


def verdict(table: BoardOut) -> str:
    """What the groups say of the first places, in one sentence; empty where there are no groups."""
    ranked = [row for row in table.rows if row.group]
    if not ranked or table.certainty.note:
        return table.certainty.note
    leading = letters_of(ranked[0].group)[0]
    first = [row for row in ranked if leading in letters_of(row.group)]
    if len(first) == 1:
        return f"{first[0].method} is told apart from every other method."
    if len(first) == len(ranked):
        return "No two methods are told apart." if len(ranked) > 2 else "The two methods are not told apart."
    return f"The first {len(first)} are not told apart."


def stratum_title(task: TaskSpec, key: str) -> str:
    """`af=4` in words: Acceleration 4. Empty for all cases or an unknown stratum."""
    name, _, value = key.partition("=")
    spec = task.strata.get(name)
    return f"{spec.title} {spec.values[value]}" if spec and value in spec.values else ""


def metric_text(value: float | None, *, column: BoardColumn) -> str:
    """A value with its column's digits; `inf` where it was stored clipped."""
    if value is None:
        return "–"
    if column.clip is not None and value >= column.clip:
        return "inf"
    return f"{value:.{column.digits}f}"


def signed(value: float | None, *, digits: int) -> str:
    """A difference with its sign; a dash where there is none."""
    if value is None:
        return "–"
    if round(value, digits) == 0:
        # a sign would say on which side of zero it lies, which the digits that are shown do not
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")


def arrow_of(column: BoardColumn) -> str:
    """Which way is good."""
    return "↑" if column.better == Better.HIGHER else "↓"


def column_title(column: BoardColumn, *, among: Sequence[BoardColumn]) -> str:
    """The metric's title, with its variant where another column has the same title."""
    alike = sum(other.title == column.title for other in among)
    note = column_note(column)
    return f"{column.title} {note}" if alike > 1 and note and not column.ranks else column.title


def unit_text(column: BoardColumn) -> str:
    """The unit; empty for a plain number."""
    return "" if column.unit in {"", "1"} else column.unit


def column_note(column: BoardColumn) -> str:
    """What tells two columns of one metric apart, such as `full`; empty where there is nothing to tell."""
    region = column.options.get("region", "")
    return region.replace("-", " ")


def _change(row: BoardRow) -> tuple[str, str]:
    """Sign and words."""
    if row.new:
        return "new", "new since the snapshot"
    if row.change is None:
        return "–", "without a rank then or now"
    if row.change == 0:
        return "=", "as in the snapshot"
    sign, word = ("▲", "up") if row.change > 0 else ("▼", "down")
    return f"{sign}{abs(row.change):g}", f"{word} {abs(row.change):g} since the snapshot"


def _header(column: BoardColumn, *, picked: str, query: BoardQuery, among: Sequence[BoardColumn]) -> Header:
    better = Better(column.better)
    return Header(
        column=column,
        picked=column.key == picked,
        sort_url=_sort_url(column.key, better=better, query=query),
        aria_sort=_aria(column.key, query=query, better=better),
        pick_url=query.changed(metric=column.key, wide=False),
        short=column_title(column, among=among),
        note=column_note(column),
    )


def _row(
    row: BoardRow,
    *,
    shown: Sequence[BoardColumn],
    picked: str,
    mine: set[str],
    table: BoardOut,
    places: Mapping[float | None, int],
    pinning: BoardQuery | None,
) -> Row:
    """places: rank -> how many rows of the whole table have it."""
    values = row.metrics
    change, change_words = _change(row) if table.since else ("", "")
    return Row(
        row=row,
        rank="" if row.rank is None else f"{row.rank:g}",
        tied=row.rank is not None and places[row.rank] > 1,
        own=row.team in mine,
        range=range_text(row),
        change=change,
        change_words=change_words,
        cells=tuple(
            Cell(
                text=metric_text(values.get(column.key), column=column),
                missing="" if values.get(column.key) is not None else "no case of this set has a value",
                ranks=column.ranks,
                picked=column.key == picked,
            )
            for column in shown
        ),
        pace=pace_text(row.seconds_a_case),
        memory=memory_text(row.peak_memory),
        total=table.cases,
        pin_url=pinning.pinned(row.submission) if pinning else "",
        pinned=pinning is not None and row.submission in pinning.pins,
    )


def _pages(number: int, *, count: int, query: BoardQuery) -> tuple[Choice, ...]:
    """The first, the last, those around this one; none where there is one page."""
    if count == 1:
        return ()
    shown = sorted({1, count, *range(max(1, number - 2), min(count, number + 2) + 1)})
    return tuple(Choice(title=str(at), url=query.changed(page=at), current=at == number) for at in shown)


def _found(row: BoardRow, find: str) -> bool:
    return find.casefold() in f"{row.method} {row.team}".casefold()


def _sorted(rows: Sequence[BoardRow], *, query: BoardQuery, columns: Sequence[BoardColumn]) -> list[BoardRow]:
    """By what the address says; whoever has no value comes last either way."""
    column = next((column for column in columns if column.key == query.sort), None)
    if column is None and query.sort not in {"method", "pace", "memory", "cases"} and not query.reverse:
        return list(rows)

    def value(row: BoardRow) -> float | str | None:
        if column is not None:
            return row.metrics.get(column.key)
        others = {
            "method": row.method.casefold(),
            "pace": row.seconds_a_case,
            "memory": row.peak_memory,
            "cases": float(row.cases),
        }
        return others.get(query.sort, row.rank)

    best_first = (column is not None and column.better == Better.HIGHER) or query.sort == "cases"
    have: list[tuple[Any, BoardRow]] = [(found, row) for row in rows if (found := value(row)) is not None]
    have.sort(key=lambda pair: pair[0], reverse=best_first != query.reverse)
    return [row for _, row in have] + [row for row in rows if value(row) is None]


def _sort_url(name: str, *, better: Better, query: BoardQuery) -> str:  # noqa: ARG001 -- one signature for both kinds
    again = query.sort == name or (name == "rank" and not query.sort)
    return query.changed(sort=name, reverse=not query.reverse if again else False)


def _aria(name: str, *, query: BoardQuery, better: Better) -> str:
    current = query.sort or "rank"
    if name != current:
        return ""
    ascending = (better is Better.LOWER and name != "cases") != query.reverse
    return "ascending" if ascending else "descending"


def _filters(task: TaskSpec, *, table: BoardOut, query: BoardQuery) -> tuple[StratumFilter, ...]:
    present = {key for row in table.rows for key in row.strata}
    filters = []
    for name, spec in task.strata.items():
        choices = tuple(
            Choice(title=title, url=query.changed(stratum=key), current=query.stratum == key)
            for value, title in spec.values.items()
            if (key := f"{name}={value}") in present
        )
        if len(choices) > 1:
            filters.append(StratumFilter(title=spec.title, choices=choices))
    return tuple(filters)
