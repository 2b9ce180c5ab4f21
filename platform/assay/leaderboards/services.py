"""What is written of boards: how sure their ranks are, computed when scores have changed, and boards that are published."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery

from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.errors import NotYourChallenge
from assay.challenges.models import Phase
from assay.challenges.selectors import all_phases, is_organiser
from assay.datasets.models import Dataset
from assay.leaderboards import selectors
from assay.leaderboards.cases import Scored, read_scored
from assay.leaderboards.certainty import why_none
from assay.leaderboards.errors import BoardEmpty, BoardMoving
from assay.leaderboards.models import Snapshot, StoredCertainty
from assay.leaderboards.ranking.certainty import certainty, key_of
from assay.leaderboards.ranking.significance import TooManyTests
from assay.leaderboards.snapshots import place_of
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardOut, SnapshotOut
from evaluators.contract.catalogue import catalogue

log = logging.getLogger(__name__)

#: a change that is stamped before it is written may be missed by one look, never by those of a whole minute
_SETTLED = timedelta(minutes=1)
#: what no stamp tells is found by looking again
_LOOK_AGAIN = timedelta(minutes=10)
_NOTHING: dict[str, Any] = {
    "key": "", "reason": "", "intervals": {}, "letters": {}, "tau": None, "tested": [], "chances": {}
}  # fmt: skip


def judge_changed(*, now: datetime) -> int:
    """Compute what is missing on every board that may have changed. Gives how many boards and strata were computed.

    A board that cannot be judged keeps no other waiting: it is logged, and tried again the next time.
    """
    computed = 0
    for phase in list(changed_phases(now=now)):
        try:
            computed += judge(phase=phase, now=now)
        except Exception:
            log.exception("board of %s cannot be judged", phase)
    return computed


def changed_phases(*, now: datetime) -> Iterator[Phase]:
    """Phases whose board may be another than the one that was looked at last; one query."""
    looked = StoredCertainty.objects.filter(phase=OuterRef("pk"), stratum="")
    phases = all_phases().annotate(
        looked_at=Subquery(looked.values("checked_at")[:1]),
        looked_for=Subquery(looked.values("scorer")[:1]),
        ended=Max("submissions__evaluation__finished_at"),
        withdrawn=Max("submissions__withdrawn_at"),
    )
    for phase in phases.filter(submissions__isnull=False):
        changes = (phase.ended, phase.withdrawn, phase.task.challenge.updated_at)
        if (
            phase.looked_at is None
            or phase.looked_for != catalogue().scorer
            or phase.looked_at < now - _LOOK_AGAIN
            or any(change is not None and change >= phase.looked_at - _SETTLED for change in changes)
        ):
            yield phase


def judge(*, phase: Phase, now: datetime) -> int:
    """Compute what is missing for a phase's board and each of its strata. Gives how many were computed.

    The answer for scores that have not changed is kept. now: when this look began.
    """
    scored = read_scored(phase)
    wanted = ["", *scored.cases.keys]
    stored = dict(StoredCertainty.objects.filter(phase=phase).values_list("stratum", "key"))
    computed = 0
    for stratum in wanted:
        found = _judged(scored, stratum=stratum, stored=stored.get(stratum))
        computed += bool(found.get("key"))
        StoredCertainty.objects.update_or_create(
            phase=phase, stratum=stratum, defaults={**found, "checked_at": now, "scorer": catalogue().scorer}
        )
    StoredCertainty.objects.filter(phase=phase).exclude(stratum__in=wanted).delete()
    return computed


def judge_ahead(scored: Scored) -> dict[str, dict[str, Any]]:
    """What `judge` would store for a board of these scores, by stratum. Nothing is written: the board is not there yet."""
    return {stratum: _judged(scored, stratum=stratum, stored=None) for stratum in ("", *scored.cases.keys)}


def store_judged(judged: dict[str, dict[str, Any]], *, phase: Phase, now: datetime) -> None:
    """What was computed ahead, once the board is of those scores. Inside the caller's transaction."""
    for stratum, found in judged.items():
        StoredCertainty.objects.update_or_create(
            phase=phase, stratum=stratum, defaults={**found, "checked_at": now, "scorer": catalogue().scorer}
        )


def release(*, now: datetime) -> int:
    """Snapshots of boards that have become public are so for good, whatever date a phase gets later. Gives how many."""
    waiting = Snapshot.objects.filter(public_from__gt=F("taken_at"))
    return waiting.filter(Q(phase__board_from__isnull=True) | Q(phase__board_from__lte=now)).update(public_from=None)


def publish(*, actor: User, phase: Phase, now: datetime) -> Snapshot:
    """Keep the board as it is now under a name of its own. The same board twice is one snapshot, the one that is there.

    Raises NotYourChallenge, BoardEmpty, BoardMoving; then nothing is written.
    """
    if not is_organiser(user=actor, challenge=phase.task.challenge):
        raise NotYourChallenge
    # what takes seconds is done before anybody waits for the lock
    judge(phase=phase, now=now)
    with transaction.atomic():
        # two clicks at once are two numbers, or one snapshot
        Phase.objects.select_for_update().get(pk=phase.pk)
        return keep_current(actor=actor, phase=phase, now=now)


def keep_current(*, actor: User, phase: Phase, now: datetime) -> Snapshot:
    """The board as it is now, kept, inside the caller's transaction, with the phase's row locked. Raises BoardEmpty, BoardMoving."""
    board = selectors.board(phase=phase, viewer=actor, now=now)
    if not board.rows:
        raise BoardEmpty
    if board.certainty.state == "waiting":
        raise BoardMoving
    return keep(board, actor=actor, phase=phase, dataset=phase.ranked, now=now)


def keep(board: BoardOut, *, actor: User, phase: Phase, dataset: Dataset, now: datetime) -> Snapshot:
    """Store one board under the next name of the day; the newest snapshot if it holds this very board. See `keep_current`."""
    published = Snapshot.objects.filter(phase=phase)
    newest = published.first()
    if newest is not None and newest.parsed().board == board:
        return newest
    day = now.astimezone(UTC).date()
    number = published.filter(day=day).count() + 1
    snapshot = Snapshot(phase=phase, day=day, number=number, taken_at=now, taken_by=actor, public_from=phase.board_from)
    snapshot.document = SnapshotOut(
        name=snapshot.name,
        challenge=phase.task.challenge.title,
        task=phase.task.title,
        taken_at=now,
        dataset_sha256=dataset.sha256 or "",
        unit=phase.task.parsed().independent,
        board=board,
    ).model_dump_json()
    snapshot.sha256 = hashlib.sha256(snapshot.document.encode()).hexdigest()
    ranks = {row.submission: row.rank for row in board.rows}
    entries = Submission.objects.filter(code__in=ranks, phase=phase)
    snapshot.places = [[*place_of(entry), ranks[entry.code]] for entry in entries]
    snapshot.save(force_insert=True)
    record(
        tag="organiser:board:publish",
        target=snapshot,
        at=now,
        actor=actor,
        detail={"name": snapshot.name, "sha256": snapshot.sha256},
    )
    return snapshot


def _judged(scored: Scored, *, stratum: str, stored: str | None) -> dict[str, Any]:
    """What changes in the row of one stratum; nothing where its answer is of these scores. stored: the key that is there."""
    ready = scored.ready(scored.cases.chosen(stratum or None))
    if ready is None or why_none(scored, ready=ready) is not None:
        return _NOTHING
    key = key_of(ready)
    if key == stored:
        return {}
    try:
        found = certainty(ready)
    except TooManyTests:
        return {**_NOTHING, "key": key, "reason": "There are too many methods to test every pair in every resample."}
    return {
        "key": key,
        "reason": "",
        "intervals": {code: list(ends) for code, ends in found.intervals.items()},
        "letters": dict(found.letters),
        "tau": found.tau,
        # two rows are compared over all cases
        "tested": [] if stratum else list(found.tested),
        "chances": {} if stratum else dict(found.chances),
    }
