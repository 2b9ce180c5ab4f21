"""Who gets which evaluation, and what the worker is told of it."""

from __future__ import annotations

import re
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from assay.evaluations import services
from assay.evaluations.errors import WrongHardware
from assay.evaluations.models import Evaluation, Transition, Worker
from assay.evaluations.selectors import queue_positions
from evaluators.contract.jobs import Job
from evaluators.contract.limits import Limits
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    KEY,
    LIMITS,
    NOW,
    SECRETS,
    Scene,
    ask,
    claim,
    evaluation_of,
    finish,
    make_dataset,
    make_worker,
    queue,
    report,
    start_scoring,
)


def test_a_claim_leases_the_evaluation_to_the_worker(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    held = evaluation_of(job)
    assert (held.state, held.attempt, held.worker) == (EvaluationState.PREPARING, 1, scene.worker)
    assert held.lease_until == NOW + timedelta(seconds=job.lease_seconds)
    assert held.transitions.get().worker == "bench-1"
    assert Worker.objects.get(pk=scene.worker.pk).seen_at == NOW
    assert services.claim(worker=scene.second_worker, request=ask(), now=NOW) is None


def test_a_job_names_cases_in_dataset_order_under_pseudonyms_of_their_group(scene: Scene) -> None:
    evaluation = queue(scene)
    job = claim(scene)
    assert [case.index for case in job.cases] == list(range(12))
    names = [
        re.fullmatch(r"MultiCoil/Cine/TestSet/AccFactor\d\d/(P\d{3})/cine_[sl]ax\.mat", c.output) for c in job.cases
    ]
    drawn = [match[1] for match in names if match]
    assert len(drawn) == 12
    # six groups of two views, numbered without gaps
    assert Counter(drawn) == dict.fromkeys([f"P{number:03d}" for number in range(1, 7)], 2)
    assert all(drawn[at] == drawn[at + 1] for at in range(0, 12, 2))
    assert all(name in file.path for case, name in zip(job.cases, drawn, strict=True) for file in case.inputs)
    assert job.reference_key == KEY
    assert (job.image, job.dataset, job.task) == (scene.image.config_digest, "hidden@1", scene.task)
    assert job.limits == Limits(**LIMITS)
    told = job.model_dump_json(exclude={"cases": {"__all__": {"references"}}})
    assert not [word for word in (*SECRETS, evaluation.pseudonym_seed) if word in told]


def test_pseudonyms_stay_at_every_attempt_and_differ_between_evaluations(scene: Scene) -> None:
    queue(scene)
    first = claim(scene)
    finish(scene, first, failure={"code": "ENGINE"})
    second = claim(scene)
    assert second.attempt == 2
    assert second.cases == first.cases
    finish(scene, second, failure={"code": "TIMEOUT"})
    drawn = {str(first.cases)}
    for number in range(5):
        queue(scene, text=f"image {number}")
        drawn.add(str(claim(scene).cases))
    assert len(drawn) > 1


def test_open_references_come_without_a_key(scene: Scene) -> None:
    queue(scene, dataset=make_dataset("sample", owner=scene.organiser, public=True))
    assert claim(scene).reference_key is None


def test_work_of_another_class_or_scorer_is_left_alone(scene: Scene) -> None:
    queue(scene, limits=Limits(**{**LIMITS, "hardware": "gpu-24g"}))
    assert services.claim(worker=scene.worker, request=ask(), now=NOW) is None
    gpu = make_worker("gpu-1", hardware="gpu-24g")
    assert services.claim(worker=gpu, request=ask("gpu-24g", scorer="0" * 64), now=NOW) is None
    with pytest.raises(WrongHardware):
        services.claim(worker=gpu, request=ask("cpu"), now=NOW)
    assert services.claim(worker=gpu, request=ask("gpu-24g"), now=NOW) is not None


def test_the_team_that_holds_least_is_served_first_then_age_decides(scene: Scene) -> None:
    for minute in range(3):
        queue(scene, text=f"busy {minute}", at=NOW + timedelta(minutes=minute))
    queue(scene, text="patient", team=scene.other_team, at=NOW + timedelta(hours=1))
    served = [evaluation_of(claim(scene, worker=worker)).team.slug for worker in (scene.worker, scene.second_worker)]
    assert served == ["north", "south"]
    assert evaluation_of(claim(scene, worker=make_worker("bench-3"))).queued_at == NOW + timedelta(minutes=1)


def test_a_place_in_line_is_the_turn_at_which_it_will_be_claimed(scene: Scene) -> None:
    for minute in range(4):
        queue(scene, text=f"busy {minute}", at=NOW + timedelta(minutes=minute))
    for minute in range(2):
        queue(scene, text=f"patient {minute}", team=scene.other_team, at=NOW + timedelta(hours=1, minutes=minute))
    queue(scene, text="elsewhere", limits=Limits(**{**LIMITS, "hardware": "gpu-24g"}))
    claim(scene)
    places = queue_positions(["cpu"])
    for turn in range(1, 6):
        job = claim(scene, worker=make_worker(f"more-{turn}"))
        assert places[evaluation_of(job).pk] == turn
    assert len(places) == 5
    assert queue_positions([]) == {}


def test_what_an_earlier_attempt_scored_is_told_to_the_next(scene: Scene) -> None:
    queue(scene)
    first = claim(scene)
    assert (first.output_digest, first.scored) == (None, ())
    start_scoring(scene, first)
    report(scene, first, {0: 0.9, 3: "MISSING_FILE"})
    finish(scene, first, failure={"code": "SCORER"})
    second = claim(scene, worker=scene.second_worker)
    assert second.output_digest == evaluation_of(first).output_digest != ""
    assert second.scored == (0, 3)


def test_data_that_cannot_be_rendered_do_not_block_the_queue(scene: Scene) -> None:
    broken = queue(scene)
    scene.dataset.cases.update(shape=["x"])
    with pytest.raises(ValueError, match="shape"):
        services.claim(worker=scene.worker, request=ask(), now=NOW)
    assert Evaluation.objects.get(pk=broken.pk).state == EvaluationState.PREPARING


@pytest.mark.parametrize("waiting", [1, 5])
def test_workers_that_claim_at_the_same_moment_never_get_the_same_evaluation(
    committed_scene: Scene, waiting: int
) -> None:
    scene = committed_scene
    for number in range(waiting):
        queue(scene, text=f"image {number}", team=scene.team if number % 2 else scene.other_team)
    workers = [make_worker(f"racer-{number}") for number in range(8)]
    gate = threading.Barrier(len(workers))
    jobs: list[Job] = []
    errors: list[Exception] = []

    def race(worker: Worker) -> None:
        try:
            gate.wait()
            job = services.claim(worker=worker, request=ask(), now=NOW)
            if job is not None:
                jobs.append(job)
        except Exception as error:  # noqa: BLE001 -- shown by the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len({job.evaluation for job in jobs}) == len(jobs) == waiting
    assert all(job.attempt == 1 for job in jobs)
    assert Transition.objects.count() == waiting
