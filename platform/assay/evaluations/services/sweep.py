"""Puts right what lost workers and lost messages left. Safe to run at any time, any number of times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from assay.evaluations.errors import StaleAttempt
from assay.evaluations.models import Evaluation
from assay.evaluations.services.announce import announce
from assay.evaluations.services.retry import retry_or_give_up
from evaluators.contract.failures import FailureNote, PlatformFailure
from evaluators.contract.states import LEASED, EvaluationState


@dataclass(frozen=True, kw_only=True)
class Swept:
    """How many evaluations were taken from lost workers, and how many were announced again."""

    returned: int
    announced: int


def sweep(*, now: datetime) -> Swept:
    """Return every evaluation whose lease ran out, then announce again what has waited too long without a message."""
    return Swept(returned=_return_expired(now), announced=_announce_again(now))


def _return_expired(now: datetime) -> int:
    expired = Q(lease_until__lt=now)
    returned = 0
    for evaluation in Evaluation.objects.filter(expired, state__in=[state.value for state in LEASED]):
        lost = FailureNote(code=PlatformFailure.WORKER_LOST)
        try:
            with transaction.atomic():
                # the lease is asked for again inside the swap: a heartbeat may have come since it was read
                retry_or_give_up(evaluation=evaluation, failure=lost, now=now, only_if=expired)
        except StaleAttempt:
            continue
        returned += 1
    return returned


def _announce_again(now: datetime) -> int:
    since = now - timedelta(seconds=settings.ANNOUNCE_AGAIN_SECONDS)
    silent = Evaluation.objects.filter(
        Q(announced_at__isnull=True) | Q(announced_at__lte=since),
        state=EvaluationState.QUEUED.value,
        queued_at__lte=since,
    )
    waiting = list(silent.values_list("pk", flat=True))
    for pk in waiting:
        announce(pk=pk, now=now)
    return len(waiting)
