"""What follows when we broke an attempt: another one, or the end after the last."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from assay.evaluations.models import Evaluation
from assay.evaluations.services.announce import announce
from assay.evaluations.services.transition import transition
from evaluators.contract.failures import MAX_ATTEMPTS, FailureNote
from evaluators.contract.states import EvaluationState


def retry_or_give_up(
    *, evaluation: Evaluation, failure: FailureNote, now: datetime, only_if: Q | None = None
) -> EvaluationState:
    """Queue a leased evaluation again and announce it; platform_error after MAX_ATTEMPTS; cancelled if that was asked for.

    Results that a finished container run left stay, so that the next attempt may resume them. Raises StaleAttempt.
    """
    if evaluation.cancel_requested_at is not None:
        to = EvaluationState.CANCELLED
        transition(evaluation=evaluation, to=to, at=now, reason=failure.code, only_if=only_if)
    elif evaluation.attempt >= MAX_ATTEMPTS:
        to = EvaluationState.PLATFORM_ERROR
        note = failure.model_dump(mode="json")
        transition(evaluation=evaluation, to=to, at=now, reason=failure.code, only_if=only_if, failure=note)
    else:
        to = EvaluationState.QUEUED
        # the team's container has not run as far as the quota is concerned
        transition(
            evaluation=evaluation, to=to, at=now, reason=failure.code, only_if=only_if, started_at=None, progress={}
        )
        announce(pk=evaluation.pk, now=now)
    return to
