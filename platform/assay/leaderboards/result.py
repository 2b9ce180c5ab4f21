"""A scored submission's own page: where it stands, each metric's mean beside a baseline's, and its cases as far as they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.accounts.models import User
from assay.config.text import size
from assay.leaderboards import selectors
from assay.leaderboards.case_sight import case_sights
from assay.leaderboards.page import (
    Choice,
    column_note,
    column_title,
    letters_of,
    metric_text,
    picked_column,
    signed,
    unit_text,
)
from assay.leaderboards.result_cases import MOST_LISTED, CaseLine, cloud_over_field, worst_first
from assay.leaderboards.selectors import Means
from assay.leaderboards.stored import board_state, seen_board
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow
from evaluators.contract.charts import DistributionOut
from evaluators.contract.tasks import TaskSpec


@dataclass(frozen=True, kw_only=True)
class ResultColumn:
    """One metric's head."""

    column: BoardColumn
    unit: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ResultCell:
    """One mean; beside it the pinned baseline's and the difference, empty where there is none."""

    text: str
    baseline: str = ""
    difference: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """All cases (group is empty), or one stratum."""

    group: str
    title: str
    cells: tuple[ResultCell, ...]


@dataclass(frozen=True, kw_only=True)
class ResultPage:
    """What the page shows once scores may be seen."""

    standing: str
    columns: tuple[ResultColumn, ...]
    rows: tuple[ResultRow, ...]
    #: the baseline that the rows are held against: the first of the board; None where there is no other
    rival: BoardRow | None
    cloud: DistributionOut
    metrics: tuple[Choice, ...]
    #: empty where single cases are not shown
    cases: tuple[CaseLine, ...]
    case_count: int


#: what a run's provenance holds besides what the evaluation itself says, in the order of interest
_MACHINE = (
    ("worker", "Worker"),
    ("scorer_image", "Scorer image"),
    ("engine", "Engine"),
    ("kernel", "Kernel"),
    ("architecture", "Architecture"),
    ("storage_driver", "Storage driver"),
    ("cgroup_version", "Control groups"),
    ("security_options", "Security options"),
    ("cpus", "Processors"),
    ("memory", "Memory"),
    ("gpus", "GPU"),
    ("gpu_driver", "GPU driver"),
)


def machine_rows(provenance: Mapping[str, str]) -> list[tuple[str, str]]:
    """(title, value) of where and with what a run was made; what was not measured is left out."""
    told = {**provenance}
    if told.get("memory", "").isdigit():
        told["memory"] = size(int(told["memory"]))
    return [(title, told[key]) for key, title in _MACHINE if told.get(key)]


def result_page(
    *, submission: Submission, task: TaskSpec, viewer: User | None, now: datetime, metric: str = ""
) -> ResultPage | None:
    """None where there are no scores, or where this viewer may not see them yet. metric: the key of the cloud's column."""
    found = selectors.result(submission=submission, viewer=viewer, now=now)
    if found is None:
        return None
    board = seen_board(board_state(submission.phase.address), viewer=viewer, now=now)
    rival = _rival(board, submission=submission)
    rows = [_row("", "All cases", found.metrics, rival.metrics if rival else {}, columns=found.columns)]
    for key, means in found.strata.items():
        name, _, value = key.partition("=")
        stratum = task.strata[name]
        beside = rival.strata.get(key, {}) if rival else {}
        rows.append(_row(stratum.title, stratum.values[value], means, beside, columns=found.columns))
    own = submission.team.membership_set.filter(user=viewer).exists() if viewer else False
    sights = case_sights(phase=submission.phase, viewer=viewer, now=now)
    sight = sights.own if own else sights.others
    column = picked_column(found.columns, metric)
    lines = (
        worst_first(
            evaluation=submission.evaluation, cases=found.cases, columns=found.columns, values=found.values, task=task
        )
        if sight == "table"
        else ()
    )
    return ResultPage(
        standing=_standing(submission, board=board),
        columns=tuple(
            ResultColumn(column=column, unit=unit_text(column), note=column_note(column)) for column in found.columns
        ),
        rows=tuple(rows),
        rival=rival,
        cloud=cloud_over_field(
            submission=submission,
            values=found.values,
            column=column,
            among=found.columns,
            board=board,
            own=sight,
            others=sights.others,
        ),
        metrics=tuple(
            Choice(
                title=column_title(each, among=found.columns),
                url=f"?chart={each.key}#charts",
                current=each.key == column.key,
            )
            for each in found.columns
        ),
        cases=lines[:MOST_LISTED],
        case_count=len(lines),
    )


def _row(group: str, title: str, means: Means, beside: Means, *, columns: list[BoardColumn]) -> ResultRow:
    cells = []
    for each in columns:
        mean, other = means.get(each.key), beside.get(each.key)
        cells.append(
            ResultCell(
                text=metric_text(mean, column=each),
                baseline="" if other is None else metric_text(other, column=each),
                difference="" if mean is None or other is None else signed(mean - other, digits=each.digits),
            )
        )
    return ResultRow(group=group, title=title, cells=tuple(cells))


def _rival(board: BoardOut | None, *, submission: Submission) -> BoardRow | None:
    rows = board.rows if board else []
    return next((row for row in rows if row.baseline and row.submission != submission.code), None)


def _standing(submission: Submission, *, board: BoardOut | None) -> str:
    if submission.withdrawn_at is not None:
        return "It was withdrawn and does not stand on the board."
    if board is None:
        return "The board is not public yet."
    row = next((row for row in board.rows if row.submission == submission.code), None)
    if row is None:
        return (
            f"It does not stand on the board: of several entries of one method, the {submission.phase.counts} one does."
        )
    if row.rank is None:
        return f"It stands on the board without a rank{f', {row.note}' if row.note else ''}."
    ranked = [other.rank for other in board.rows if other.rank is not None]
    shared = ranked.count(row.rank) - 1
    tie = f", shared with {shared} other{'s' if shared > 1 else ''}" if shared else ""
    return f"Rank {row.rank:g} of {len(ranked)}{tie}{_span(row)}{_alike(row, board=board)}."


def _span(row: BoardRow) -> str:
    if row.rank_low is None or row.rank_high is None:
        return ""
    if row.rank_low == row.rank_high:
        return f", and {row.rank_low:g} in 95 % of the resamples"
    return f", could be {row.rank_low:g} to {row.rank_high:g} in 95 % of the resamples"


def _alike(row: BoardRow, *, board: BoardOut) -> str:
    own = set(letters_of(row.group))
    if not own:
        return ""
    alike = sum(bool(set(letters_of(other.group)) & own) for other in board.rows) - 1
    if alike == 0:
        return "; told apart from every other method"
    return f"; not told apart from {alike} other{'s' if alike > 1 else ''}"
