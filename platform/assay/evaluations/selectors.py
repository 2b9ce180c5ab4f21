"""Reads of evaluations: the queue in its fair order, what a worker holds, who is alive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from assay.datasets.models import CaseFile
from assay.evaluations.models import Evaluation, Worker
from evaluators.contract.states import LEASED, EvaluationState

_LEASED = [state.value for state in LEASED]


@dataclass(frozen=True, kw_only=True)
class QueueLength:
    """What waits for one hardware class, and since when."""

    hardware: str
    waiting: int
    oldest: datetime


def hardware_at(now: datetime) -> set[str]:
    """The hardware classes of workers that were heard of lately."""
    since = now - timedelta(seconds=2 * settings.LEASE_SECONDS)
    return set(Worker.objects.filter(revoked_at=None, seen_at__gte=since).values_list("hardware", flat=True))


def waiting(*, worker: Worker, scorer: str) -> QuerySet[Evaluation]:
    """What this worker may claim, fairest first: fewest leases of the team, then of the dataset, then age.

    Kept outputs lie where they were made: their re-score waits for that very worker.
    """
    return (
        Evaluation.objects.filter(
            Q(outputs_of__isnull=True) | Q(outputs_of__worker=worker),
            state=EvaluationState.QUEUED.value,
            hardware=worker.hardware,
            scorer=scorer,
        )
        .alias(of_team=_leases_sharing("team"), of_dataset=_leases_sharing("dataset"))
        .order_by("of_team", "of_dataset", "queued_at", "pk")
    )


def _leases_sharing(field: str) -> Coalesce:
    leased = Evaluation.objects.filter(state__in=_LEASED, **{field: OuterRef(field)}).order_by()
    return Coalesce(Subquery(leased.values(field).annotate(leases=Count("pk")).values("leases")), 0)


def queue_positions(hardware: Iterable[str]) -> dict[UUID, int]:
    """Place in line of every evaluation that waits for one of these hardware classes, 1 is next; two queries.

    Assumes that each further evaluation of a team waits for one more turn, as the claim's fair share makes it.
    """
    classes = set(hardware)
    if not classes:
        return {}
    leases = Evaluation.objects.filter(state__in=_LEASED).order_by().values_list("team", "dataset")
    teams: Counter[int] = Counter()
    datasets: Counter[int] = Counter()
    for team, dataset in leases:
        teams[team] += 1
        datasets[dataset] += 1
    queued = Evaluation.objects.filter(state=EvaluationState.QUEUED.value, hardware__in=classes)
    turns = []
    for pk, of, team, dataset, at in queued.order_by("queued_at", "pk").values_list(
        "pk", "hardware", "team", "dataset", "queued_at"
    ):
        turns.append((of, teams[team], datasets[dataset], at, pk))
        teams[team] += 1
    places: Counter[str] = Counter()
    positions = {}
    for of, _, _, _, pk in sorted(turns):
        places[of] += 1
        positions[pk] = places[of]
    return positions


def holds_blob(*, worker: Worker, sha256: str) -> bool:
    """Whether an evaluation that this worker holds right now has this file."""
    return CaseFile.objects.filter(sha256=sha256, case__dataset__in=_held(worker).values("dataset")).exists()


def holds_image(*, worker: Worker, config_digest: str) -> bool:
    """Whether an evaluation that this worker holds right now runs this image."""
    return _held(worker).filter(image__config_digest=config_digest).exists()


def holds_predictions(*, worker: Worker, sha256: str) -> bool:
    """Whether an evaluation that this worker holds right now scores this archive of result files."""
    return _held(worker).filter(predictions__sha256=sha256).exists()


def _held(worker: Worker) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(worker=worker, state__in=_LEASED)
