"""Boards as they were published: found by their name, seen by whoever may see them, and what has changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.challenges.selectors import all_phases, phase_by_address
from assay.leaderboards.errors import BoardHidden, SnapshotUnknown
from assay.leaderboards.models import Snapshot
from assay.submissions.models import Submission
from assay.submissions.selectors import is_organiser

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-([1-9]\d{0,5})")
_Place = tuple[int, str, bool]


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The last published board of a phase, as far as changes of rank need it."""

    name: str
    #: the snapshot's `places`, as the text that is stored
    places: str

    @cached_property
    def ranks(self) -> Mapping[_Place, float | None]:
        """(team's key, method, baseline) -> rank then; a team that took another name is still the same."""
        return {(team, method, baseline): rank for team, method, baseline, rank in json.loads(self.places)}

    def compare(self, submission: Submission, *, rank: float | None) -> tuple[float | None, bool]:
        """(places won since, whether it is new). No places where there is no rank now or was none then."""
        place = place_of(submission)
        if place not in self.ranks:
            return None, True
        before = self.ranks[place]
        return (None if before is None or rank is None else before - rank), False


def place_of(submission: Submission) -> _Place:
    """What one row of a board is from one snapshot to the next: a team's method, whichever entry of it counts."""
    return submission.team_id, submission.method, submission.is_baseline


def phase_with_newest(address: str) -> tuple[Phase, Newest | None]:
    """The phase at challenge/task/phase and what its board is compared with; one query. Raises PhaseUnknown."""
    newest = Snapshot.objects.filter(phase=OuterRef("pk")).order_by("-day", "-number")
    phase = phase_by_address(
        address,
        among=all_phases().annotate(
            newest_day=Subquery(newest.values("day")[:1]),
            newest_number=Subquery(newest.values("number")[:1]),
            newest_places=Subquery(newest.annotate(text=Cast("places", TextField())).values("text")[:1]),
        ),
    )
    day, number, places = (getattr(phase, f"newest_{part}") for part in ("day", "number", "places"))
    if day is None:
        return phase, None
    return phase, Newest(name=Snapshot(day=day, number=number).name, places=places)


def snapshot_at(*, phase: Phase, name: str, viewer: User | None, now: datetime) -> Snapshot:
    """One published board. Raises SnapshotUnknown, and BoardHidden before its date.

    Public when its board was public then; else as soon as the board is, on whatever date the phase says by then. What was public
    once stays so (`release`).
    """
    matched = _NAME.fullmatch(name)
    found = None
    if matched is not None:
        try:
            day = date.fromisoformat(matched[1])
        except ValueError:
            raise SnapshotUnknown from None
        found = Snapshot.objects.filter(phase=phase, day=day, number=int(matched[2])).first()
    if found is None:
        raise SnapshotUnknown
    if not _is_public(found, phase=phase, now=now) and not is_organiser(user=viewer, challenge=phase.task.challenge):
        assert phase.board_from is not None  # noqa: S101 -- else it is public
        raise BoardHidden(public_from=phase.board_from)
    return found


def snapshots_of(*, phase: Phase, now: datetime) -> QuerySet[Snapshot]:
    """Those that anybody may read, newest first, without their documents."""
    found = Snapshot.objects.filter(phase=phase).defer("document", "places")
    if _board_is_public(phase, now=now):
        return found
    return found.filter(Q(public_from__isnull=True) | Q(public_from__lte=F("taken_at")))


def _is_public(snapshot: Snapshot, *, phase: Phase, now: datetime) -> bool:
    # a date that was still to come may have been put off since: it alone opens nothing
    at_once = snapshot.public_from is None or snapshot.public_from <= snapshot.taken_at
    return at_once or _board_is_public(phase, now=now)


def _board_is_public(phase: Phase, *, now: datetime) -> bool:
    return phase.board_from is None or phase.board_from <= now
