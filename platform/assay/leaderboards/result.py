"""A scored submission's own table: each metric's mean over all cases and per stratum, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.accounts.models import User
from assay.config.errors import Refused
from assay.config.text import size
from assay.leaderboards import selectors
from assay.leaderboards.page import column_note, letters_of, metric_text, range_text, unit_text
from assay.leaderboards.selectors import Means
from assay.leaderboards.stored import board_state, read_board
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardColumn
from evaluators.contract.tasks import TaskSpec


@dataclass(frozen=True, kw_only=True)
class ResultColumn:
    """One metric's head."""

    column: BoardColumn
    unit: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """All cases (group is empty), or one stratum."""

    group: str
    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ResultPage:
    """What the page shows once scores may be seen."""

    standing: str
    columns: tuple[ResultColumn, ...]
    rows: tuple[ResultRow, ...]


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


def result_page(*, submission: Submission, task: TaskSpec, viewer: User | None, now: datetime) -> ResultPage | None:
    """None where there are no scores, or where this viewer may not see them yet."""
    found = selectors.result(submission=submission, viewer=viewer, now=now)
    if found is None:
        return None
    rows = [_row("", "All cases", found.metrics, columns=found.columns)]
    for key, means in found.strata.items():
        name, _, value = key.partition("=")
        stratum = task.strata[name]
        rows.append(_row(stratum.title, stratum.values[value], means, columns=found.columns))
    return ResultPage(
        standing=_standing(submission, viewer=viewer, now=now),
        columns=tuple(
            ResultColumn(column=column, unit=unit_text(column), note=column_note(column)) for column in found.columns
        ),
        rows=tuple(rows),
    )


def _row(group: str, title: str, means: Means, *, columns: list[BoardColumn]) -> ResultRow:
    cells = (metric_text(means.get(each.key), column=each) for each in columns)
    return ResultRow(group=group, title=title, cells=tuple(cells))


def _standing(submission: Submission, *, viewer: User | None, now: datetime) -> str:
    if submission.withdrawn_at is not None:
        return "It was withdrawn and does not stand on the board."
    try:
        table = read_board(board_state(submission.phase.address), viewer=viewer, now=now)
    except Refused:
        return "The board is not public yet."
    row = next((row for row in table.rows if row.submission == submission.code), None)
    if row is None:
        return (
            f"It does not stand on the board: of several entries of one method, the {submission.phase.counts} one does."
        )
    if row.rank is None:
        return f"It stands on the board without a rank{f', {row.note}' if row.note else ''}."
    ranked = [other.rank for other in table.rows if other.rank is not None]
    shared = ranked.count(row.rank) - 1
    tie = f", shared with {shared} other{'s' if shared > 1 else ''}" if shared else ""
    span = f", {range_text(row)} in 95 % of the resamples" if row.rank_low != row.rank_high else ""
    alike = sum(bool(set(letters_of(other.group)) & set(letters_of(row.group))) for other in table.rows) - 1
    group = f" It is not told apart from {alike} other{'s' if alike > 1 else ''}." if alike > 0 else ""
    return f"Rank {row.rank:g} of {len(ranked)}{tie}{span}.{group}"
