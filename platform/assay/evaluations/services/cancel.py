"""Cancelling is a request: what waits ends at once, what runs is told by its next heartbeat."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from assay.accounts.models import User
from assay.audit.services import record
from assay.evaluations.models import Evaluation
from assay.evaluations.services.transition import transition
from evaluators.contract.states import FINAL, EvaluationState


@transaction.atomic
def request_cancel(*, pk: UUID, actor: User | None, now: datetime) -> Evaluation:
    """Cancel a queued evaluation, or ask the worker that holds it to stop. An ended one stays as it is."""
    evaluation = Evaluation.objects.select_for_update().get(pk=pk)
    if evaluation.state in FINAL or evaluation.cancel_requested_at is not None:
        return evaluation
    evaluation.cancel_requested_at = now
    evaluation.save(update_fields=["cancel_requested_at"])
    if evaluation.state == EvaluationState.QUEUED:
        transition(evaluation=evaluation, to=EvaluationState.CANCELLED, at=now, reason="cancelled")
    record(tag="team:evaluation:cancel", target=evaluation, at=now, actor=actor, agent="" if actor else "system")
    return evaluation
