"""Reads of the pages that span apps: the queue's health and the shelf of challenges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Min

from assay.evaluations.models import Evaluation, Worker
from evaluators.contract.states import LEASED, EvaluationState

_CACHE_KEY = "assay.web.queue_health"
_CACHE_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class HardwareClass:
    """One queue: who serves it and what waits in it."""

    hardware: str
    alive: int
    seen_at: datetime | None
    running: int
    queued: int
    oldest: datetime | None

    @property
    def stalled(self) -> bool:
        """Something waits and nobody is there to run it."""
        return self.queued > 0 and self.alive == 0


@dataclass(frozen=True, kw_only=True)
class QueueHealth:
    """The public half of what operators see."""

    at: datetime
    classes: tuple[HardwareClass, ...]
    last_result_at: datetime | None

    @property
    def alive(self) -> int:
        """Workers heard of lately."""
        return sum(each.alive for each in self.classes)

    @property
    def running(self) -> int:
        """Evaluations that a worker holds."""
        return sum(each.running for each in self.classes)

    @property
    def queued(self) -> int:
        """Evaluations that wait."""
        return sum(each.queued for each in self.classes)

    @property
    def oldest(self) -> datetime | None:
        """Since when the first of them has waited."""
        return min((each.oldest for each in self.classes if each.oldest), default=None)

    @property
    def stalled(self) -> bool:
        """Some queue waits for a worker that is not there."""
        return any(each.stalled for each in self.classes)

    @property
    def sentence(self) -> str:
        """The same words on the front page, in every footer and in /status.json."""
        if self.stalled:
            return _stalled_sentence([each for each in self.classes if each.stalled])
        if self.alive == 0:
            return "Nothing is queued; no worker is connected."
        parts = [f"{self.running} running", f"{self.queued} queued"]
        if self.oldest:
            parts.append(f"oldest {_ago(self.at - self.oldest)}")
        if self.last_result_at:
            parts.append(f"last result {_ago(self.at - self.last_result_at)} ago")
        return ", ".join(parts)


def queue_health(*, now: datetime) -> QueueHealth:
    """Workers and queues by hardware class; up to five seconds old, since every page's footer asks."""
    found = cache.get(_CACHE_KEY)
    if isinstance(found, QueueHealth):
        return found
    health = read_queue_health(now=now)
    cache.set(_CACHE_KEY, health, _CACHE_SECONDS)
    return health


def read_queue_health(*, now: datetime) -> QueueHealth:
    """The same, read now."""
    alive_since = now - timedelta(seconds=2 * settings.LEASE_SECONDS)
    workers = list(Worker.objects.filter(revoked_at=None).values_list("hardware", "seen_at"))
    live = [EvaluationState.QUEUED.value, *(state.value for state in LEASED)]
    counts = list(
        Evaluation.objects.filter(state__in=live)
        .order_by()
        .values_list("hardware", "state")
        .annotate(number=Count("id"), oldest=Min("queued_at"))
    )
    last = Evaluation.objects.filter(state=EvaluationState.SCORED.value).aggregate(at=Max("finished_at"))["at"]
    names = sorted({hardware for hardware, _ in workers} | {row[0] for row in counts})
    return QueueHealth(
        at=now,
        last_result_at=last,
        classes=tuple(
            HardwareClass(
                hardware=name,
                alive=sum(1 for hardware, seen in workers if hardware == name and seen and seen >= alive_since),
                seen_at=max((seen for hardware, seen in workers if hardware == name and seen), default=None),
                running=_total(counts, hardware=name, states=LEASED),
                queued=_total(counts, hardware=name, states=[EvaluationState.QUEUED]),
                oldest=next((row[3] for row in counts if row[:2] == (name, EvaluationState.QUEUED.value)), None),
            )
            for name in names
        ),
    )


def _total(counts: list[tuple[str, str, int, datetime]], *, hardware: str, states: Iterable[EvaluationState]) -> int:
    wanted = {state.value for state in states}
    return sum(number for name, state, number, _ in counts if name == hardware and state in wanted)


def _ago(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _stalled_sentence(classes: list[HardwareClass]) -> str:
    waiting = sum(each.queued for each in classes)
    entries = "1 entry waits" if waiting == 1 else f"{waiting} entries wait"
    seen = max((each.seen_at for each in classes if each.seen_at), default=None)
    names = ", ".join(each.hardware for each in classes)
    since = f" since {seen.astimezone(UTC):%-d %b %H:%M} UTC" if seen else ""
    return f"No {names} worker{since}: {entries}, no quota is lost."
