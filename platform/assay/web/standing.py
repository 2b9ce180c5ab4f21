"""Who leads each task of a challenge, in words that never claim more than the board does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from assay.accounts.models import User
from assay.challenges.selectors import all_phases
from assay.leaderboards.page import arrow_of, metric_text, verdict
from assay.leaderboards.stored import seen_board, states_of
from assay.web.shelf import ChallengeCard, PhaseCard, TaskCard
from evaluators.contract.boards import BoardColumn, BoardRow

_GLANCE = 5


@dataclass(frozen=True, kw_only=True)
class GlanceRow:
    """One row of a board, shortened."""

    rank: str
    row: BoardRow
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One task in a challenge's table."""

    task: TaskCard
    current: PhaseCard | None
    #: empty where the board is not public yet or nothing is ranked
    leaders: tuple[BoardRow, ...]
    best_baseline: BoardRow | None
    #: the first rows of the board, for a glance
    top: tuple[GlanceRow, ...]
    #: the metric columns that rank, with their arrows
    metrics: tuple[str, ...]
    #: what the tests say of the first places; empty where there are none
    verdict: str


def standings(card: ChallengeCard, *, viewer: User | AnonymousUser | None, now: datetime) -> list[Standing]:
    """One row a task, read from the board of its current phase."""
    rows = []
    current_phases = [task.current.phase.pk for task in card.tasks if task.current]
    states = {state.phase.pk: state for state in states_of(all_phases().filter(pk__in=current_phases))}
    for task in card.tasks:
        current = task.current
        table = (
            seen_board(states[current.phase.pk], viewer=viewer if isinstance(viewer, User) else None, now=now)
            if current
            else None
        )
        ranked = [row for row in table.rows if row.rank is not None] if table else []
        first = min((row.rank for row in ranked if row.rank is not None), default=None)
        columns = [column for column in table.columns if column.ranks] if table else []
        rows.append(
            Standing(
                task=task,
                current=current,
                leaders=tuple(row for row in ranked if row.rank == first),
                best_baseline=next((row for row in ranked if row.baseline), None),
                top=tuple(_glance(row, columns=columns) for row in ranked[:_GLANCE]),
                metrics=tuple(f"{column.title} {arrow_of(column)}" for column in columns),
                verdict=verdict(table) if table else "",
            )
        )
    return rows


def _glance(row: BoardRow, *, columns: Sequence[BoardColumn]) -> GlanceRow:
    cells = (metric_text(row.metrics.get(each.key), column=each) for each in columns)
    return GlanceRow(rank=f"{row.rank:g}", row=row, cells=tuple(cells))
