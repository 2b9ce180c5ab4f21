"""What waits for an organiser: re-scores, runs that take too long, entries that we broke, workers that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from assay.challenges.models import Challenge, Phase
from assay.config.text import duration, plural
from assay.console.models import Rescore
from assay.console.rows import count_rows
from assay.evaluations.models import Evaluation, Worker
from assay.leaderboards.cases import current_version
from assay.leaderboards.entries import comparable
from assay.submissions.models import Submission
from evaluators.contract.states import LEASED, EvaluationState

#: an estimate from fewer runs than this says nothing
_FEWEST_RUNS = 3
_TOO_LONG = 3


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing to do: what, and where it is done."""

    kind: str
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Awaiting:
    """A phase whose entries are of other data, scorer or definitions than it has now."""

    phase: Phase
    entries: int
    #: whether an open re-score takes care of them
    begun: bool


def needs_of(challenge: Challenge, *, phases: Iterable[Phase], now: datetime) -> tuple[list[Need], list[Awaiting]]:
    """Everything that waits, most urgent first, and what could be scored again; six queries."""
    listed = list(phases)
    rows = list(
        Submission.objects.filter(phase__in=listed, withdrawn_at=None)
        .select_related("evaluation")
        .defer("card", "evaluation__outcomes", "evaluation__pseudonym_seed")
        .order_by("received_at", "pk")
    )
    opened = {
        one.phase_id: one
        for one in Rescore.objects.filter(phase__in=listed, published_at=None, dropped_at=None).prefetch_related(
            "rows__after"
        )
    }
    awaiting = [
        Awaiting(phase=phase, entries=count, begun=phase.pk in opened)
        for phase in listed
        if (count := _stale([row for row in rows if row.phase_id == phase.pk], phase=phase))
    ]
    needs = [*_rescores(challenge, opened), *_to_rescore(challenge, awaiting)]
    needs += _slow(rows, now=now) + _broken(rows) + _workers(rows, now=now)
    return needs, awaiting


def estimate_of(seconds: Iterable[float]) -> float | None:
    """What a run takes: the median of earlier ones; None of fewer than three."""
    known = list(seconds)
    return median(known) if len(known) >= _FEWEST_RUNS else None


def _stale(rows: list[Submission], *, phase: Phase) -> int:
    scored = [row for row in rows if row.evaluation.state == EvaluationState.SCORED]
    same = comparable(scored, version=current_version(phase))
    return sum(row.evaluation_id not in same for row in scored)


def _rescores(challenge: Challenge, opened: dict[int, Rescore]) -> list[Need]:
    found = []
    for rescore in opened.values():
        counts = count_rows(rescore.rows.all())
        url = reverse("console-rescore", args=[challenge.slug, rescore.pk])
        if counts.publishable:
            found.append(Need(kind="ready", text=f"A re-score is ready to be published: {counts.sentence}", url=url))
        elif counts.failed:
            found.append(Need(kind="rescore-failed", text=f"A re-score has failures: {counts.sentence}", url=url))
        else:
            found.append(Need(kind="rescore", text=f"A re-score is under way: {counts.sentence}", url=url))
    return found


def _to_rescore(challenge: Challenge, awaiting: list[Awaiting]) -> list[Need]:
    url = f"{reverse('console', args=[challenge.slug])}#rescore"
    return [
        Need(
            kind="awaits",
            text=f"{one.phase.task.title} / {one.phase.title}: {plural(one.entries, 'entry awaits,entries await')} re-scoring.",
            url=url,
        )
        for one in awaiting
        if not one.begun
    ]


def _seconds(evaluation: Evaluation) -> float | None:
    if evaluation.state != EvaluationState.SCORED or evaluation.started_at is None or evaluation.finished_at is None:
        return None
    return (evaluation.finished_at - evaluation.started_at).total_seconds()


def _slow(rows: list[Submission], *, now: datetime) -> list[Need]:
    took: dict[int, list[float]] = {}
    for row in rows:
        if row.evaluation.outputs_of_id is None and (seconds := _seconds(row.evaluation)) is not None:
            took.setdefault(row.phase_id, []).append(seconds)
    found = []
    for row in rows:
        evaluation = row.evaluation
        if EvaluationState(evaluation.state) not in LEASED or evaluation.started_at is None:
            continue
        estimate = estimate_of(took.get(row.phase_id, ()))
        since = (now - evaluation.started_at).total_seconds()
        if estimate is not None and since > _TOO_LONG * estimate:
            text = f"{row.code} {row.method} has run for {duration(since)}; earlier runs took {duration(estimate)}."
            found.append(Need(kind="slow", text=text, url=reverse("submission", args=[row.code])))
    return found


def _broken(rows: list[Submission]) -> list[Need]:
    return [
        Need(
            kind="ours",
            text=f"{row.code} {row.method} ended by a failure of ours ({(row.evaluation.failure or {}).get('code', '')}); "
            "its team was not charged.",
            url=reverse("submission", args=[row.code]),
        )
        for row in rows
        if row.evaluation.state == EvaluationState.PLATFORM_ERROR
    ]


def _workers(rows: list[Submission], *, now: datetime) -> list[Need]:
    """Workers of this challenge's hardware classes that are gone while something of it waits or runs there."""
    live = {row.evaluation.hardware for row in rows if row.evaluation.finished_at is None}
    if not live:
        return []
    alive_since = now - timedelta(seconds=2 * settings.LEASE_SECONDS)
    workers: QuerySet[Worker, Any] = Worker.objects.filter(hardware__in=live, revoked_at=None)
    told = list(workers.values_list("name", "hardware", "seen_at"))
    found = [
        Need(kind="worker", text=f"Worker {name} ({hardware}) does not answer.", url=reverse("status"))
        for name, hardware, seen in told
        if seen is None or seen < alive_since
    ]
    return found + [
        Need(kind="worker", text=f"No worker serves {hardware}, and entries wait for it.", url=reverse("status"))
        for hardware in sorted(live - {hardware for _, hardware, _ in told})
    ]
