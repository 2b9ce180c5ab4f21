"""Which methods of a long board a chart shows, and what it calls them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from evaluators.contract.boards import BoardRow
from evaluators.contract.charts import ChartMethod


def chosen_rows(
    rows: Sequence[BoardRow], *, most: int, mine: Collection[str], pins: Collection[str] = ()
) -> list[BoardRow]:
    """The first of the board in its order; own and pinned methods and baselines stay however far down they stand.

    mine: slugs of teams. pins: submission codes.
    """
    if len(rows) <= most:
        return list(rows)
    must = [row for row in rows if row.team in mine or row.submission in pins]
    must = [*must, *(row for row in rows if row.baseline and row not in must)][:most]
    room = [row for row in rows if row not in must][: most - len(must)]
    return [row for row in rows if row in must or row in room]


def method_of(row: BoardRow) -> ChartMethod:
    """The row as charts name it."""
    return ChartMethod(
        submission=row.submission, method=row.method, team=row.team_name, baseline=row.baseline, rank=row.rank
    )
