"""What is written of boards: how sure their ranks are, computed when scores have changed, and boards that are published."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.models import Phase
from assay.challenges.selectors import all_phases, check_organiser
from assay.datasets.models import Dataset
from assay.leaderboards import selectors
from assay.leaderboards.cases import Scored, read_scored
from assay.leaderboards.certainty import read_certainty, why_none
from assay.leaderboards.errors import BoardEmpty, BoardMoving, BoardWaiting
from assay.leaderboards.models import Snapshot, StoredBoard, StoredCertainty
from assay.leaderboards.ranking.certainty import certainty, key_of
from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.significance import TooManyTests
from assay.leaderboards.snapshots import place_of
from assay.leaderboards.stored import BoardState, board_state, certainty_mark, read_board, scores_mark, states_of
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardOut, SnapshotOut
from evaluators.contract.catalogue import catalogue

log = logging.getLogger(__name__)

#: what no mark tells, such as another name of a team, is found by looking again
_LOOK_AGAIN = timedelta(minutes=10)
_NOTHING: dict[str, Any] = {
    "key": "", "reason": "", "intervals": {}, "letters": {}, "tau": None, "tested": [], "chances": {}, "shares": {}
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
    """Phases whose stored board is of other scores or settings, or was looked at long ago; one query."""
    looked = StoredCertainty.objects.filter(phase=OuterRef("pk"), stratum="")
    phases = all_phases().filter(Exists(Submission.objects.filter(phase=OuterRef("pk"))))
    for state in states_of(phases.annotate(looked_at=Subquery(looked.values("checked_at")[:1]))):
        looked_at = cast("Any", state.phase).looked_at
        if state.current is None or looked_at is None or looked_at < now - _LOOK_AGAIN:
            yield state.phase


def judge(*, phase: Phase, now: datetime) -> int:
    """Compute what is missing for a phase's board and each of its strata. Gives how many were computed.

    The answer for scores that have not changed is kept. now: when this look began. The boards themselves are stored beside it,
    the whole one last: where it is there, its strata are.
    """
    # read before the scores: a board may hold more than its mark says, and is then made again, never less
    before = board_state(phase.address)
    scored = read_scored(phase)
    wanted = [*scored.cases.keys, ""]
    stored = dict(StoredCertainty.objects.filter(phase=phase).values_list("stratum", "key"))
    computed = 0
    for stratum in wanted:
        ready = scored.ready(scored.cases.chosen(stratum or None))
        found = _judged(scored, ready=ready, stratum=stratum, stored=stored.get(stratum))
        computed += bool(found.get("key"))
        row, _ = StoredCertainty.objects.update_or_create(
            phase=phase, stratum=stratum, defaults={**found, "checked_at": now, "scorer": catalogue().scorer}
        )
        mark = scores_mark(before.entries, certainty=certainty_mark(key=row.key, reason=row.reason))
        _store(before, scored=scored, ready=ready, stratum=stratum, mark=mark, now=now)
    for kept in (StoredCertainty, StoredBoard):
        kept.objects.filter(phase=phase).exclude(stratum__in=wanted).delete()
    return computed


def judge_ahead(scored: Scored) -> dict[str, dict[str, Any]]:
    """What `judge` would store for a board of these scores, by stratum. Nothing is written: the board is not there yet."""
    return {
        stratum: _judged(scored, ready=scored.ready(scored.cases.chosen(stratum or None)), stratum=stratum, stored=None)
        for stratum in ("", *scored.cases.keys)
    }


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

    Raises NotYourChallenge, BoardEmpty, BoardMoving, and BoardWaiting for a large board that the site's worker has not come
    to yet; then nothing is written.
    """
    check_organiser(user=actor, challenge=phase.task.challenge)
    state = board_state(phase.address)
    if state.current is None:
        if state.is_large:
            raise BoardWaiting
        # what takes seconds is done before anybody waits for the lock
        judge(phase=phase, now=now)
    with transaction.atomic():
        # two clicks at once are two numbers, or one snapshot
        Phase.objects.select_for_update().get(pk=phase.pk)
        state = board_state(phase.address)
        if state.current is None and state.is_large:
            raise BoardMoving
        return _keep_whole(read_board(state, viewer=actor, now=now), actor=actor, phase=phase, now=now)


def keep_current(*, actor: User, phase: Phase, now: datetime) -> Snapshot:
    """The board as it is now, kept, inside the caller's transaction, with the phase's row locked. Raises BoardEmpty, BoardMoving."""
    return _keep_whole(selectors.board(phase=phase, viewer=actor, now=now), actor=actor, phase=phase, now=now)


def _keep_whole(board: BoardOut, *, actor: User, phase: Phase, now: datetime) -> Snapshot:
    if not board.rows:
        raise BoardEmpty
    if board.certainty.state == "waiting":
        raise BoardMoving
    return keep(board, actor=actor, phase=phase, dataset=phase.ranked, now=now)


def keep(board: BoardOut, *, actor: User, phase: Phase, dataset: Dataset, now: datetime) -> Snapshot:
    """Store one board under the next name of the day; the newest snapshot if it holds this very board. See `keep_current`."""
    board = _without_changes(board)
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


def _store(
    before: BoardState, *, scored: Scored, ready: Contest | None, stratum: str, mark: str, now: datetime
) -> None:
    """Keep a board as it is now. before: the phase as it was before its scores were read. ready: of the stratum's cases."""
    rows = StoredBoard.objects.filter(phase=before.phase, stratum=stratum)
    known = read_certainty(phase=before.phase, stratum=stratum or None, scored=scored, ready=ready)
    board = selectors.board_of(
        phase=before.phase,
        scored=scored,
        known=known,
        stratum=stratum or None,
        since=None if stratum else before.newest,
    )
    document = board.model_dump_json()
    kept = rows.create(
        phase=before.phase,
        stratum=stratum,
        settings=before.settings,
        scores=mark,
        document=document,
        sha256=hashlib.sha256(document.encode()).hexdigest(),
        built_at=now,
    )
    # a reader may be about to open the one before
    older = rows.filter(pk__lt=kept.pk).values_list("pk", flat=True)
    rows.filter(pk__in=list(older[1:])).delete()


def _without_changes(board: BoardOut) -> BoardOut:
    """A board as it is published: what has changed since the one before is not part of it."""
    rows = [row.model_copy(update={"change": None, "new": False}) for row in board.rows]
    return board.model_copy(update={"rows": rows, "since": ""})


def _judged(scored: Scored, *, ready: Contest | None, stratum: str, stored: str | None) -> dict[str, Any]:
    """What changes in the row of one stratum; nothing where its answer is of these scores. stored: the key that is there."""
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
        "shares": {code: [list(pair) for pair in ranks.items()] for code, ranks in found.shares.items()},
        # two rows are compared over all cases
        "tested": [] if stratum else list(found.tested),
        "chances": {} if stratum else dict(found.chances),
    }
