"""The same question is asked once."""

from __future__ import annotations

import pytest

from assay.evaluations import services
from assay.evaluations.models import Evaluation, Purpose
from assay.evaluations.services.request import run_spec_of
from evaluators.contract.limits import Limits
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec
from tests.unit.assay.evaluations.scene import LIMITS, NOW, Scene, claim, finish, queue, score_all


def test_asking_twice_gives_one_evaluation_with_one_seed(scene: Scene) -> None:
    first, second = queue(scene), queue(scene)
    assert first == second
    assert first.pseudonym_seed == second.pseudonym_seed
    assert first.outcomes == [None] * 12
    assert first.hardware == "cpu"


def test_other_limits_another_team_or_again_ask_another_question(scene: Scene) -> None:
    first = queue(scene)
    others = [
        queue(scene, limits=Limits(**{**LIMITS, "memory": "2GiB"})),
        queue(scene, team=scene.other_team),
        queue(scene, again=True),
    ]
    assert len({first, *others}) == 4
    assert len({one.pseudonym_seed for one in (first, *others)}) == 4
    assert others[2].repeat == 1


def test_a_scored_answer_is_shared_and_kept_beside_a_repeated_one(scene: Scene) -> None:
    queue(scene)
    scored = score_all(scene)
    assert queue(scene) == scored
    repeated = queue(scene, again=True)
    assert repeated.state == EvaluationState.QUEUED
    assert Evaluation.objects.get(pk=scored.pk).state == EvaluationState.SCORED


def test_what_was_cancelled_or_broken_by_us_is_asked_anew(scene: Scene) -> None:
    cancelled = queue(scene)
    services.request_cancel(pk=cancelled.pk, actor=scene.captain, now=NOW)
    second = queue(scene)
    assert second != cancelled
    for _ in range(3):
        finish(scene, claim(scene), failure={"code": "ENGINE"})
    assert Evaluation.objects.get(pk=second.pk).state == EvaluationState.PLATFORM_ERROR
    assert queue(scene).repeat == 2


def test_the_digest_of_a_run_spec_survives_storing_and_reading(scene: Scene) -> None:
    spec, digest = run_spec_of(task=scene.task, limits=scene.phase.parsed_limits())
    stored = Evaluation.objects.get(pk=queue(scene).pk)
    read = TaskSpec.model_validate(stored.run_spec["task"])
    assert read == scene.task
    assert run_spec_of(task=read, limits=Limits.model_validate(stored.run_spec["limits"])) == (spec, digest)
    assert stored.run_spec_digest == digest


@pytest.mark.parametrize("purpose", list(Purpose))
def test_why_a_container_runs_does_not_change_how(scene: Scene, purpose: Purpose) -> None:
    evaluation = services.request(
        team=scene.team,
        image=scene.image,
        dataset=scene.dataset,
        task=scene.task,
        limits=scene.phase.parsed_limits(),
        purpose=purpose,
        now=NOW,
    )
    assert evaluation.run_spec_digest == queue(scene).run_spec_digest
