"""Ranks before and after a re-score, side by side: the board of the old scores, and the one that would be published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.console.models import Rescore
from assay.console.rows import Stand, stand_of
from assay.datasets.models import Dataset
from assay.evaluations.models import Evaluation
from assay.leaderboards.cases import Scored, current_version, read_scored
from assay.leaderboards.certainty import Known
from assay.leaderboards.entries import Version, comparable, submissions_of
from assay.leaderboards.page import metric_text
from assay.leaderboards.selectors import board_of
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardCertainty, BoardColumn, BoardOut, BoardRow
from evaluators.contract.tasks import TaskSpec

_UNJUDGED = Known(
    told=BoardCertainty(state="none", reason="Ranges and groups stand in the snapshots that were published.")
)


@dataclass(frozen=True, kw_only=True)
class OldBoard:
    """The board of the old scores, and the data that they are of."""

    board: BoardOut
    dataset: Dataset


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One method whose rank or ranking metrics differ."""

    team: str
    method: str
    baseline: bool
    submission: str
    #: as on the board; empty: without a rank
    old_rank: str
    new_rank: str
    #: (title, old, new) of each ranking metric
    metrics: tuple[tuple[str, str, str], ...]

    @property
    def rank_changed(self) -> bool:
        """Else its scores alone did."""
        return self.old_rank != self.new_rank


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Changed rows alone, in the order of the new board, and how many are as they were."""

    moved: list[Moved] = field(default_factory=list)
    unchanged: int = 0

    @property
    def places_changed(self) -> int:
        """How many have another rank."""
        return sum(one.rank_changed for one in self.moved)


def compare_ranks(rescore: Rescore) -> Comparison:
    """Old against new; of a published one, as its snapshots have it."""
    if rescore.after is not None:
        old = rescore.before.parsed().board if rescore.before is not None else None
        return _compare(old, rescore.after.parsed().board)
    new = board_of(phase=rescore.phase, scored=after_scored(rescore), known=_UNJUDGED)
    return _compare(before_board(rescore).board, new)


def after_scored(rescore: Rescore) -> Scored:
    """What the board is made of once every ready row is swapped."""
    ready = {
        row.submission_id: row.after
        for row in rescore.rows.select_related("after__dataset")
        if row.after is not None and stand_of(row) is Stand.READY
    }
    return read_scored(rescore.phase, submissions=_with(rescore, ready))


def before_board(rescore: Rescore) -> OldBoard:
    """The old scores under the rules that they were made for. Where they are of several versions, that of most rows."""
    rows = list(rescore.rows.select_related("before__dataset"))
    kinds = Counter(_kind(row.before) for row in rows)
    chosen = next(row.before for row in rows if _kind(row.before) == kinds.most_common(1)[0][0])
    version = Version(
        dataset_id=chosen.dataset_id, scorer=chosen.scorer, task=TaskSpec.model_validate(chosen.run_spec["task"])
    )
    submissions = _with(rescore, {row.submission_id: row.before for row in rows})
    current = current_version(rescore.phase)
    if chosen.pk in comparable(submissions, version=current):
        # digits, columns and the ranking rule are the task's own as they are now
        version = current
    scored = read_scored(rescore.phase, version=version, submissions=submissions)
    board = board_of(phase=rescore.phase, scored=scored, known=_UNJUDGED)
    told = {"scorer": version.scorer, "dataset": str(chosen.dataset)}
    return OldBoard(board=board.model_copy(update=told), dataset=chosen.dataset)


def _with(rescore: Rescore, evaluations: Mapping[int, Evaluation]) -> list[Submission]:
    """The phase's submissions, some of them pointing to another evaluation."""
    found = []
    for submission in submissions_of(rescore.phase):
        if submission.pk in evaluations:
            submission.evaluation = evaluations[submission.pk]
        found.append(submission)
    return found


def _kind(evaluation: Evaluation) -> tuple[int, str, str]:
    return evaluation.dataset_id, evaluation.scorer, evaluation.run_spec_digest


def _compare(old: BoardOut | None, new: BoardOut) -> Comparison:
    before = {_place(row): row for row in old.rows} if old is not None else {}
    columns = {column.key: column for column in new.columns if column.ranks}
    after = {_place(row): row for row in new.rows}
    moved: list[Moved] = []
    unchanged = 0
    for place in [*after, *(place for place in before if place not in after)]:
        was, now = before.get(place), after.get(place)
        metrics = tuple((column.title, _text(was, column), _text(now, column)) for column in columns.values())
        row = now or was
        assert row is not None  # noqa: S101 -- it is of one of the two
        if _rank(was) == _rank(now) and all(one == other for _, one, other in metrics):
            unchanged += 1
            continue
        moved.append(
            Moved(
                team=row.team_name, method=row.method, baseline=row.baseline, submission=row.submission,
                old_rank=_rank(was), new_rank=_rank(now), metrics=metrics,
            )
        )  # fmt: skip
    return Comparison(moved=moved, unchanged=unchanged)


def _place(row: BoardRow) -> tuple[str, str, bool]:
    return row.team, row.method, row.baseline


def _rank(row: BoardRow | None) -> str:
    return "" if row is None or row.rank is None else f"{row.rank:g}"


def _text(row: BoardRow | None, column: BoardColumn) -> str:
    return "–" if row is None else metric_text(row.metrics.get(column.key), column=column)
