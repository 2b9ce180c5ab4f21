"""What a worker says while it holds an evaluation. Every call names the attempt; a stale one changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from assay.evaluations.errors import BadReport, StaleAttempt
from assay.evaluations.models import Evaluation, Worker
from assay.evaluations.services.outputs import adopt_run
from assay.evaluations.services.transition import transition
from assay.evaluations.services.workers import see
from evaluators.contract.jobs import Heartbeat, HeartbeatAnswer, StateReport
from evaluators.contract.states import LEASED, EvaluationState


def hold(*, pk: UUID, worker: Worker, attempt: int) -> Evaluation:
    """The evaluation, its row locked until the transaction ends, if this worker holds this attempt. Raises StaleAttempt."""
    held = (
        Evaluation.objects.select_for_update()
        .filter(pk=pk, worker=worker, attempt=attempt, state__in=[state.value for state in LEASED])
        .first()
    )
    if held is None:
        raise StaleAttempt
    return held


def next_lease(now: datetime) -> datetime:
    """Until when a sign of life at `now` holds the lease."""
    return now + timedelta(seconds=settings.LEASE_SECONDS)


@transaction.atomic
def heartbeat(*, worker: Worker, pk: UUID, message: Heartbeat, now: datetime) -> HeartbeatAnswer:
    """Renew the lease and keep the progress for the page. The answer says whether a cancel was asked for."""
    evaluation = hold(pk=pk, worker=worker, attempt=message.attempt)
    evaluation.lease_until = next_lease(now)
    told = message.progress.model_dump(mode="json", exclude_none=True)
    evaluation.progress = {**evaluation.progress, **told}
    evaluation.save(update_fields=["lease_until", "progress"])
    see(worker=worker, now=now)
    return HeartbeatAnswer(lease_seconds=settings.LEASE_SECONDS, cancel=evaluation.cancel_requested_at is not None)


@transaction.atomic
def report_state(*, worker: Worker, pk: UUID, message: StateReport, now: datetime) -> None:
    """Move on to running or scoring; said twice, it counts once. With scoring comes what the run left behind.

    Raises StaleAttempt, BadReport (any other state), OutOfTurn.
    """
    if message.state not in {EvaluationState.RUNNING, EvaluationState.SCORING}:
        raise BadReport(f"A worker reports running or scoring, not {message.state}.")
    evaluation = hold(pk=pk, worker=worker, attempt=message.attempt)
    if message.state != evaluation.state:
        transition(
            evaluation=evaluation,
            to=message.state,
            at=now,
            lease_until=next_lease(now),
            started_at=evaluation.started_at or now,
        )
    if message.run is not None:
        adopt_run(evaluation=evaluation, output_digest=message.run.output_digest, run=message.run)
