"""The one function that moves an evaluation from state to state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from assay.evaluations.errors import OutOfTurn, StaleAttempt
from assay.evaluations.models import Evaluation, Transition
from evaluators.contract.states import FINAL, LEASED, EvaluationState, is_allowed


def transition(
    *,
    evaluation: Evaluation,
    to: EvaluationState,
    at: datetime,
    reason: str = "",
    only_if: Q | None = None,
    **changes: Any,
) -> None:
    """Take one step of the state table and log it, if nobody was faster.

    Compare-and-swap: one UPDATE filtered on the state and attempt that `evaluation` was read with (and on `only_if`).
    It decides the same way on SQLite and on PostgreSQL, without a lock held before it.
    changes: further fields that change in the same step; a leased state needs `worker` and `lease_until`.
    Raises OutOfTurn for a step that the table does not have, StaleAttempt if the row changed meanwhile; then nothing is written.
    """
    before = EvaluationState(evaluation.state)
    if not is_allowed(before=before, after=to):
        raise OutOfTurn(f"An evaluation that is {before} does not become {to}.")
    if to not in LEASED:
        changes["lease_until"] = None
    if to in FINAL:
        changes["finished_at"] = at
    changes["state"] = to.value
    with transaction.atomic():
        unchanged = Evaluation.objects.filter(
            only_if or Q(), pk=evaluation.pk, state=before, attempt=evaluation.attempt
        )
        if unchanged.update(**changes) != 1:
            raise StaleAttempt
        for name, value in changes.items():
            setattr(evaluation, name, value)
        Transition.objects.create(
            evaluation=evaluation,
            before=before.value,
            after=to.value,
            attempt=evaluation.attempt,
            worker=evaluation.worker.name if evaluation.worker is not None else "",
            reason=reason,
            at=at,
        )
