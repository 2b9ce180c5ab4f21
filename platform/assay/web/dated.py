"""The newest published board of every phase in one sentence, for pages that list challenges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import F, OuterRef, Q, Subquery

from assay.leaderboards.models import Snapshot
from assay.leaderboards.page import verdict

#: a snapshot never changes, and so nor does its sentence
_CACHE_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class Dated:
    """One published board."""

    name: str
    taken_at: datetime
    methods: int
    #: what the tests say of the first places; empty where there are no tests
    verdict: str


def newest_boards(*, now: datetime) -> dict[int, Dated]:
    """Phase -> its newest board that anybody may read; one query, and one more where a board is read for the first time."""
    public = Q(phase__board_from__isnull=True) | Q(phase__board_from__lte=now)
    at_once = Q(public_from__isnull=True) | Q(public_from__lte=F("taken_at"))
    readable = Snapshot.objects.filter(public | at_once)
    newest = readable.filter(phase=OuterRef("phase")).order_by("-day", "-number")
    found = list(
        readable.filter(pk=Subquery(newest.values("pk")[:1])).only("phase_id", "day", "number", "taken_at", "sha256")
    )
    told = cache.get_many([_key(one) for one in found])
    missing = [one.pk for one in found if _key(one) not in told]
    if missing:
        fresh = {
            _key(one): (len(board.rows), verdict(board))
            for one in Snapshot.objects.filter(pk__in=missing)
            for board in (one.parsed().board,)
        }
        cache.set_many(fresh, _CACHE_SECONDS)
        told |= fresh
    return {
        one.phase_id: Dated(
            name=one.name, taken_at=one.taken_at, methods=told[_key(one)][0], verdict=told[_key(one)][1]
        )
        for one in found
    }


def _key(snapshot: Snapshot) -> str:
    return f"assay.web.dated.{snapshot.sha256}"
