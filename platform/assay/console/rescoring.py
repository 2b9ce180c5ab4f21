"""Re-scores of a phase: begun, tried again, thinned out, dropped, published. The only writers of `Rescore`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.models import Phase
from assay.console.access import check_organiser
from assay.console.errors import (
    NameNotTyped,
    NothingToRescore,
    RescoreClosed,
    RescoreNotReady,
    RescoreOpen,
    RescoreOutdated,
)
from assay.console.markdown import plain_text
from assay.console.models import Rescore, RescoreRow
from assay.console.ranks import after_scored, before_board
from assay.console.rows import Stand, count_rows, stand_of
from assay.console.writing import TITLE_LONGEST, announce
from assay.evaluations import services as evaluations
from assay.evaluations.errors import NotRescorable
from assay.evaluations.models import Evaluation
from assay.leaderboards import services as leaderboards
from assay.leaderboards.cases import current_version
from assay.leaderboards.entries import comparable, submissions_of
from assay.leaderboards.selectors import is_public
from assay.submissions.models import Submission
from evaluators.contract.states import EvaluationState


def awaiting(phase: Phase) -> tuple[list[Submission], list[Submission]]:
    """(entries that could be scored again, those of them whose scores are of other data, scorer or definitions); one query."""
    scored = [
        one
        for one in submissions_of(phase)
        if one.withdrawn_at is None and one.evaluation.state == EvaluationState.SCORED
    ]
    same = comparable(scored, version=current_version(phase))
    return scored, [one for one in scored if one.evaluation_id not in same]


@transaction.atomic
def begin(*, actor: User, phase: Phase, everything: bool = False, note: str = "", now: datetime) -> Rescore:
    """Score again what the runs of a phase left: whatever awaits it, or every entry. The board stays as it is meanwhile.

    Raises ConsoleForOrganisers, RescoreOpen, NothingToRescore.
    """
    check_organiser(actor, phase.task.challenge)
    Phase.objects.select_for_update().get(pk=phase.pk)
    if Rescore.objects.filter(phase=phase, published_at=None, dropped_at=None).exists():
        raise RescoreOpen
    scored, stale = awaiting(phase)
    chosen = scored if everything else stale
    if not chosen:
        raise NothingToRescore
    rescore = Rescore.objects.create(phase=phase, asked_by=actor, asked_at=now, note=" ".join(note.split())[:400])
    #: two entries of one image share an evaluation, and so they share its re-score
    asked: dict[object, tuple[Evaluation | None, str]] = {}
    for submission in chosen:
        if submission.evaluation_id not in asked:
            asked[submission.evaluation_id] = _ask(submission.evaluation, phase=phase, now=now)
        after, problem = asked[submission.evaluation_id]
        RescoreRow.objects.create(
            rescore=rescore, submission=submission, before=submission.evaluation, after=after, problem=problem
        )
    _record("begin", rescore, actor=actor, now=now, entries=len(chosen))
    return rescore


@transaction.atomic
def try_again(*, actor: User, rescore: Rescore, now: datetime) -> int:
    """Ask once more for every row that has failed. Gives how many. Raises ConsoleForOrganisers, RescoreClosed."""
    rescore = _held(actor, rescore)
    failed = [row for row in rescore.rows.select_related("before", "after") if stand_of(row) is Stand.FAILED]
    for row in failed:
        row.after, row.problem = _ask(row.before, phase=rescore.phase, now=now)
        row.save(update_fields=["after", "problem"])
    _record("retry", rescore, actor=actor, now=now, entries=len(failed))
    return len(failed)


@transaction.atomic
def leave_out(*, actor: User, rescore: Rescore, now: datetime) -> int:
    """Publish without the rows that have failed: they keep their old scores and have no rank. Gives how many."""
    rescore = _held(actor, rescore)
    failed = [row for row in rescore.rows.select_related("after", "submission") if stand_of(row) is Stand.FAILED]
    RescoreRow.objects.filter(pk__in=[row.pk for row in failed]).update(left_out=True)
    _record("leave_out", rescore, actor=actor, now=now, submissions=[row.submission.code for row in failed])
    return len(failed)


@transaction.atomic
def drop(*, actor: User, rescore: Rescore, now: datetime) -> None:
    """Give it up: the old scores stay, what waits is cancelled. Raises ConsoleForOrganisers, RescoreClosed."""
    rescore = _held(actor, rescore)
    rescore.dropped_at = now
    rescore.save(update_fields=["dropped_at"])
    for row in rescore.rows.select_related("after"):
        wanted = row.after is None or Submission.objects.filter(evaluation=row.after).exists()
        if row.after is not None and not wanted:
            evaluations.request_cancel(pk=row.after.pk, actor=actor, now=now)
    _record("drop", rescore, actor=actor, now=now)


def publish(*, actor: User, rescore: Rescore, typed: str, note: str = "", now: datetime) -> Rescore:
    """Swap the scores of every row at once; the board before and the board after are kept as snapshots.

    typed: the challenge's address, so that nobody publishes by mistake. note: why, in place of what was said at the beginning.
    Raises ConsoleForOrganisers, NameNotTyped, RescoreClosed, RescoreNotReady, RescoreOutdated, BoardEmpty, BoardMoving;
    then nothing is changed.
    """
    phase = rescore.phase
    check_organiser(actor, phase.task.challenge)
    if typed.strip() not in {phase.task.challenge.slug, phase.task.challenge.title}:
        raise NameNotTyped
    _check_ready(rescore)
    # ranges and groups take seconds: they are computed before anybody waits for the lock
    leaderboards.judge(phase=phase, now=now, scored=after_scored(rescore))
    with transaction.atomic():
        rescore = _held(actor, rescore)
        rows = _check_ready(rescore)
        old = before_board(rescore)
        if old.board.rows:
            rescore.before = leaderboards.keep(old.board, actor=actor, phase=phase, dataset=old.dataset, now=now)
        for row in rows:
            # withdrawn or submitted anew meanwhile: then it is no longer this entry's evaluation that is swapped
            Submission.objects.filter(pk=row.submission_id, evaluation=row.before_id, withdrawn_at=None).update(
                evaluation=row.after_id, rescored_at=now
            )
        rescore.after = leaderboards.keep_current(actor=actor, phase=phase, now=now)
        rescore.published_at = now
        rescore.note = " ".join(note.split())[:400] or rescore.note
        rescore.save()
        if is_public(phase, now=now):
            _tell_everybody(rescore, actor=actor, now=now)
        snapshots = {
            name: "" if kept is None else kept.name
            for name, kept in (("before", rescore.before), ("after", rescore.after))
        }
        _record("publish", rescore, actor=actor, now=now, entries=len(rows), note=rescore.note, **snapshots)
    return rescore


def _tell_everybody(rescore: Rescore, *, actor: User, now: datetime) -> None:
    """News with both boards, where anybody may read them."""
    phase = rescore.phase
    place = f"/c/{phase.address}/board"
    boards = [
        f"[the board {word}]({place}/{kept.name})"
        for word, kept in (("before", rescore.before), ("after", rescore.after))
        if kept is not None
    ]
    told = f"{plain_text(rescore.note)}\n\n" if rescore.note else ""
    announce(
        actor=actor,
        challenge=phase.task.challenge,
        title=f"{phase.task.title} / {phase.title} was scored again"[:TITLE_LONGEST],
        text=f"{told}No container ran again: the outputs of its runs were scored anew. See {' and '.join(boards)}.",
        now=now,
    )


def _check_ready(rescore: Rescore) -> list[RescoreRow]:
    """The rows that are swapped. Raises RescoreNotReady, RescoreOutdated."""
    rows = list(rescore.rows.select_related("submission", "before", "after__dataset"))
    counts = count_rows(rows)
    if counts.waiting or counts.failed:
        raise RescoreNotReady(f"{counts.sentence} Nothing was published.")
    ready = [row for row in rows if stand_of(row) is Stand.READY]
    if not ready:
        raise RescoreNotReady("Every entry is left out: there is nothing to publish.", next="Drop this re-score.")
    for row in ready:
        assert row.after is not None  # noqa: S101 -- else it is not ready
        row.submission.evaluation = row.after
    same = comparable([row.submission for row in ready], version=current_version(rescore.phase))
    if any(row.after_id not in same for row in ready):
        raise RescoreOutdated
    return ready


def _ask(evaluation: Evaluation, *, phase: Phase, now: datetime) -> tuple[Evaluation | None, str]:
    try:
        after = evaluations.rescore(evaluation=evaluation, dataset=phase.ranked, task=phase.task.parsed(), now=now)
    except NotRescorable as error:
        return None, error.message
    if after.state == EvaluationState.QUEUED:
        evaluations.announce(pk=after.pk, now=now)
    return after, ""


def _held(actor: User, rescore: Rescore) -> Rescore:
    """The row, locked. Raises ConsoleForOrganisers, RescoreClosed."""
    check_organiser(actor, rescore.phase.task.challenge)
    Phase.objects.select_for_update().get(pk=rescore.phase_id)
    held = Rescore.objects.select_related("phase__task__challenge", "phase__ranked").get(pk=rescore.pk)
    if not held.is_open:
        raise RescoreClosed
    return held


def _record(verb: str, rescore: Rescore, *, actor: User, now: datetime, **detail: object) -> None:
    record(tag=f"organiser:rescore:{verb}", target=rescore, at=now, actor=actor, detail=detail)
