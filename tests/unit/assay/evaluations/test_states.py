"""The state table, and the one function that guards it."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assay.evaluations.errors import OutOfTurn, StaleAttempt
from assay.evaluations.models import Evaluation
from assay.evaluations.services import transition
from evaluators.contract.states import FINAL, LEASED, EvaluationState
from tests.unit.assay.evaluations.scene import NOW, Scene, queue

S = EvaluationState
AFTER = {
    S.QUEUED: {S.PREPARING, S.CANCELLED},
    S.PREPARING: {S.QUEUED, S.RUNNING, S.SCORING, S.FAILED, S.PLATFORM_ERROR, S.CANCELLED},
    S.RUNNING: {S.QUEUED, S.SCORING, S.FAILED, S.PLATFORM_ERROR, S.CANCELLED},
    S.SCORING: {S.QUEUED, S.SCORED, S.FAILED, S.PLATFORM_ERROR, S.CANCELLED},
    S.SCORED: set(),
    S.FAILED: set(),
    S.PLATFORM_ERROR: set(),
    S.CANCELLED: set(),
}


def _put(evaluation: Evaluation, scene: Scene, state: EvaluationState) -> Evaluation:
    lease = {"worker": scene.worker, "lease_until": NOW} if state in LEASED else {"lease_until": None}
    Evaluation.objects.filter(pk=evaluation.pk).update(state=state.value, attempt=1, **lease)
    return Evaluation.objects.get(pk=evaluation.pk)


def _lease(scene: Scene, state: EvaluationState) -> dict[str, Any]:
    return {"worker": scene.worker, "lease_until": NOW + timedelta(minutes=1)} if state in LEASED else {}


@pytest.mark.parametrize(("before", "after"), list(product(S, S)))
def test_only_the_steps_of_the_table_are_taken(scene: Scene, before: S, after: S) -> None:
    evaluation = _put(queue(scene), scene, before)
    if after in AFTER[before]:
        transition(evaluation=evaluation, to=after, at=NOW, reason="why", **_lease(scene, after))
        stored = Evaluation.objects.get(pk=evaluation.pk)
        assert stored.state == evaluation.state == after
        assert (stored.finished_at is not None) == (after in FINAL)
        assert (stored.lease_until is not None) == (after in LEASED)
        step = evaluation.transitions.get()
        assert (step.before, step.after, step.attempt, step.reason, step.at) == (before, after, 1, "why", NOW)
    else:
        with pytest.raises(OutOfTurn):
            transition(evaluation=evaluation, to=after, at=NOW, **_lease(scene, after))
        assert Evaluation.objects.get(pk=evaluation.pk).state == before
        assert not evaluation.transitions.exists()


@pytest.mark.parametrize("moved", [{"attempt": 2}, {"state": S.CANCELLED.value}])
def test_whoever_read_the_row_before_it_changed_takes_no_step(scene: Scene, moved: dict[str, object]) -> None:
    evaluation = queue(scene)
    Evaluation.objects.filter(pk=evaluation.pk).update(**moved)
    with pytest.raises(StaleAttempt):
        transition(evaluation=evaluation, to=S.PREPARING, at=NOW, **_lease(scene, S.PREPARING))
    assert not evaluation.transitions.exists()
    assert evaluation.state == S.QUEUED


def test_the_database_itself_refuses_a_lease_without_a_worker(scene: Scene) -> None:
    evaluation = queue(scene)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(state=S.RUNNING.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(state="resting")
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(lease_until=NOW)
