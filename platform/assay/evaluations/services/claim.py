"""A worker takes an evaluation. The claim, not the queue's message, decides who runs what."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from assay.evaluations.errors import StaleAttempt, WrongHardware
from assay.evaluations.models import Evaluation, Worker
from assay.evaluations.rendering import render_job
from assay.evaluations.selectors import waiting
from assay.evaluations.services.transition import transition
from assay.evaluations.services.workers import see
from evaluators.contract.jobs import ClaimRequest, Job
from evaluators.contract.states import EvaluationState

#: each lost race means that another worker got work, so this bounds a storm and not the work
_RACES = 25


def claim(*, worker: Worker, request: ClaimRequest, now: datetime) -> Job | None:
    """The next evaluation of this worker's hardware class and scorer, leased to it, or None.

    Fair share: the team with the fewest leased evaluations first, then the dataset with the fewest, then age.
    The attempt's number rises here. Raises WrongHardware.
    """
    if request.hardware != worker.hardware:
        raise WrongHardware
    see(worker=worker, now=now, facts=request.facts)
    for _ in range(_RACES):
        evaluation = waiting(worker=worker, scorer=request.scorer).first()
        if evaluation is None:
            return None
        try:
            _lease(evaluation=evaluation, worker=worker, now=now)
        except StaleAttempt:  # another worker was faster
            continue
        # outside the claim's transaction: data that cannot be rendered use up the attempts instead of blocking the queue
        return render_job(evaluation)
    return None


def _lease(*, evaluation: Evaluation, worker: Worker, now: datetime) -> None:
    transition(
        evaluation=evaluation,
        to=EvaluationState.PREPARING,
        at=now,
        reason="claimed",
        attempt=evaluation.attempt + 1,
        worker=worker,
        lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
        progress={},
    )
