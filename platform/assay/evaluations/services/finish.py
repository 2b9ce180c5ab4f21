"""Ends an attempt: scored, failed the team's way, broken by us, or stopped because somebody asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from assay.audit.services import record
from assay.evaluations.errors import BadReport, CasesMissing, OutOfTurn
from assay.evaluations.models import Evaluation, Worker
from assay.evaluations.services.leases import hold
from assay.evaluations.services.outputs import discard_results
from assay.evaluations.services.retry import retry_or_give_up
from assay.evaluations.services.transition import transition
from evaluators.contract.failures import FailureNote, PlatformFailure, RunFailure
from evaluators.contract.jobs import FinishReport
from evaluators.contract.scores import RunFacts
from evaluators.contract.states import EvaluationState


@transaction.atomic
def finish(*, worker: Worker, pk: UUID, message: FinishReport, now: datetime) -> None:
    """Take the attempt's end. A failure of ours queues the evaluation again until its attempts are used up.

    Raises StaleAttempt, CasesMissing, OutOfTurn (cancelled without being asked, scored without scoring), BadReport.
    """
    evaluation = hold(pk=pk, worker=worker, attempt=message.attempt)
    if message.cancelled:
        _stop(evaluation=evaluation, now=now)
    elif message.failure is None:
        _score(evaluation=evaluation, now=now)
    elif message.failure.code in RunFailure.__members__:
        _fail(evaluation=evaluation, failure=message.failure, run=message.run, now=now)
    elif message.failure.code in PlatformFailure.__members__:
        retry_or_give_up(evaluation=evaluation, failure=message.failure, now=now)
    else:
        raise BadReport(f"{message.failure.code} is not a failure of a run.")
    record(
        tag="worker:evaluation:finish",
        target=evaluation,
        at=now,
        agent=f"worker:{worker.name}"[:80],
        detail={"state": evaluation.state, "attempt": evaluation.attempt},
    )


def _stop(*, evaluation: Evaluation, now: datetime) -> None:
    if evaluation.cancel_requested_at is None:
        raise OutOfTurn("Nobody asked to cancel this evaluation.")
    transition(evaluation=evaluation, to=EvaluationState.CANCELLED, at=now, reason="cancelled")


def _score(*, evaluation: Evaluation, now: datetime) -> None:
    if evaluation.state == EvaluationState.SCORING and None in evaluation.outcomes:
        raise CasesMissing(f"{evaluation.outcomes.count(None)} of {len(evaluation.outcomes)} cases have no result.")
    transition(evaluation=evaluation, to=EvaluationState.SCORED, at=now)


def _fail(*, evaluation: Evaluation, failure: FailureNote, run: RunFacts | None, now: datetime) -> None:
    # values of an earlier attempt do not belong to the run that failed
    discard_results(evaluation)
    transition(
        evaluation=evaluation,
        to=EvaluationState.FAILED,
        at=now,
        reason=failure.code,
        failure=failure.model_dump(mode="json"),
        run=None if run is None else run.model_dump(mode="json"),
    )
