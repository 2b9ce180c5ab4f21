"""What a worker reports, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from assay.evaluations import services
from assay.evaluations.errors import BadReport, CasesMissing, OutOfTurn, StaleAttempt
from assay.evaluations.models import Evaluation, MetricScores, Transition
from evaluators.contract.jobs import CaseReport, FinishReport, Heartbeat, Job, Progress, StateReport
from evaluators.contract.scores import CaseResult
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    NOW,
    Scene,
    ask,
    claim,
    digest,
    evaluation_of,
    finish,
    queue,
    report,
    results,
    run_facts,
    score_all,
    scores_of,
    start_scoring,
    values,
)

S = EvaluationState


def _everything() -> list[Any]:
    return [
        list(Evaluation.objects.order_by("pk").values()),
        list(MetricScores.objects.order_by("pk").values()),
        list(Transition.objects.order_by("pk").values()),
    ]


def _calls(scene: Scene, job: Job, *, worker: Any, attempt: int) -> dict[str, Callable[[], object]]:
    pk = evaluation_of(job).pk
    common = {"worker": worker, "pk": pk, "now": NOW + timedelta(seconds=5)}
    cases = CaseReport(attempt=attempt, output_digest=digest("run-2"), results=results({0: 0.1}))
    scoring = StateReport(attempt=attempt, state=S.SCORING, run=run_facts("run-2"))
    return {
        "heartbeat": lambda: services.heartbeat(**common, message=Heartbeat(attempt=attempt)),
        "state": lambda: services.report_state(**common, message=scoring),
        "cases": lambda: services.record_cases(**common, message=cases),
        "finish": lambda: services.finish(**common, message=FinishReport(attempt=attempt)),
    }


@pytest.mark.parametrize("call", ["heartbeat", "state", "cases", "finish"])
@pytest.mark.parametrize("who", ["an earlier attempt", "another worker", "a future attempt", "after the end"])
def test_whoever_does_not_hold_the_attempt_changes_nothing(scene: Scene, call: str, who: str) -> None:
    queue(scene)
    first = claim(scene)
    finish(scene, first, failure={"code": "ENGINE"})
    job = claim(scene)
    start_scoring(scene, job)
    report(scene, job, dict.fromkeys(range(12), 0.9))
    worker, attempt = {
        "an earlier attempt": (scene.worker, 1),
        "another worker": (scene.second_worker, 2),
        "a future attempt": (scene.worker, 3),
        "after the end": (scene.worker, 2),
    }[who]
    if who == "after the end":
        finish(scene, job)
    before = _everything()
    with pytest.raises(StaleAttempt):
        _calls(scene, job, worker=worker, attempt=attempt)[call]()
    assert _everything() == before


def test_a_heartbeat_renews_the_lease_and_keeps_the_progress(scene: Scene, settings: Any) -> None:
    queue(scene)
    job = claim(scene)
    at = NOW + timedelta(seconds=20)
    beat = Heartbeat(attempt=1, progress=Progress(files_present=4, files_expected=12, memory=10))
    answer = services.heartbeat(worker=scene.worker, pk=evaluation_of(job).pk, message=beat, now=at)
    assert (answer.lease_seconds, answer.cancel) == (settings.LEASE_SECONDS, False)
    services.heartbeat(worker=scene.worker, pk=evaluation_of(job).pk, message=Heartbeat(attempt=1), now=at)
    held = evaluation_of(job)
    assert held.lease_until == at + timedelta(seconds=settings.LEASE_SECONDS)
    assert held.progress == {"files_present": 4, "files_expected": 12, "memory": 10}


def test_a_state_said_twice_counts_once_and_none_is_said_backwards(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    start_scoring(scene, job)
    start = StateReport(attempt=1, state=S.SCORING, run=run_facts())
    services.report_state(worker=scene.worker, pk=evaluation_of(job).pk, message=start, now=NOW)
    held = evaluation_of(job)
    assert [step.after for step in held.transitions.all()] == ["preparing", "running", "scoring"]
    assert held.started_at == NOW
    back = StateReport(attempt=1, state=S.RUNNING)
    with pytest.raises(OutOfTurn):
        services.report_state(worker=scene.worker, pk=held.pk, message=back, now=NOW)
    done = StateReport(attempt=1, state=S.SCORED)
    with pytest.raises(BadReport):
        services.report_state(worker=scene.worker, pk=held.pk, message=done, now=NOW)


def test_case_results_are_stored_packed_with_missing_cases_empty(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    start_scoring(scene, job)
    report(scene, job, {2: 0.5, 0: 0.25})
    report(scene, job, {1: "BAD_SHAPE"})
    stored = scores_of(evaluation_of(job))
    assert stored["ssim"] == [0.25, None, 0.5] + [None] * 9
    assert stored["nmse"] == [0.75, None, 0.5] + [None] * 9
    assert evaluation_of(job).outcomes[:4] == [{}, {"code": "BAD_SHAPE", "detail": ""}, {}, None]
    before = _everything()
    report(scene, job, {2: 0.5, 0: 0.25})
    assert _everything() == before


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([CaseResult(case=12, values=values())], id="a case out of range"),
        pytest.param([CaseResult(case=0, values={**values(), "dice": 1.0})], id="a metric the task does not have"),
        pytest.param([CaseResult(case=0, values={"ssim": 1.0})], id="a value missing"),
        pytest.param([CaseResult(case=0, values=values())] * 2, id="one case twice"),
        pytest.param([CaseResult(case=0, failure={"code": "NO_OUTPUT"})], id="a code that no case has"),
        pytest.param([CaseResult(case=0, failure={"code": "<b>"})], id="an unknown code"),
    ],
)
def test_a_report_that_does_not_fit_the_task_is_refused_whole(scene: Scene, wrong: list[CaseResult]) -> None:
    queue(scene)
    job = claim(scene)
    start_scoring(scene, job)
    good = CaseResult(case=5, values=values())
    before = _everything()
    message = CaseReport(attempt=1, output_digest=digest("another"), results=(good, *wrong))
    with pytest.raises(BadReport):
        services.record_cases(worker=scene.worker, pk=evaluation_of(job).pk, message=message, now=NOW)
    assert _everything() == before


def test_cases_are_taken_only_while_scoring(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    with pytest.raises(OutOfTurn):
        report(scene, job, {0: 0.9})


def test_another_container_run_supersedes_every_earlier_value_at_once(scene: Scene) -> None:
    queue(scene)
    first = claim(scene)
    start_scoring(scene, first, output="run-1")
    report(scene, first, {0: 0.1, 1: 0.2, 2: "MISSING_FILE"}, output="run-1")
    finish(scene, first, failure={"code": "ENGINE"})
    second = claim(scene)
    start_scoring(scene, second, output="run-2")
    held = evaluation_of(second)
    assert held.outcomes == [None] * 12
    assert held.output_digest == digest("run-2")
    report(scene, second, {4: 0.8}, output="run-2")
    assert scores_of(held)["ssim"] == [None] * 4 + [0.8] + [None] * 7
    assert {row.output_digest for row in held.scores.all()} == {digest("run-2")}
    report(scene, second, {5: 0.3}, output="run-3")
    assert scores_of(held)["ssim"] == [None] * 5 + [0.3] + [None] * 6
    assert {row.output_digest for row in held.scores.all()} == {digest("run-3")}
    assert evaluation_of(second).run is None


def test_a_next_attempt_on_the_same_outputs_goes_on_where_the_last_stopped(scene: Scene) -> None:
    queue(scene)
    first = claim(scene)
    start_scoring(scene, first)
    report(scene, first, dict.fromkeys(range(7), 0.9))
    finish(scene, first, failure={"code": "SCORER"})
    second = claim(scene, worker=scene.second_worker)
    entered = StateReport(attempt=2, state=S.SCORING, run=run_facts())
    services.report_state(worker=scene.second_worker, pk=evaluation_of(second).pk, message=entered, now=NOW)
    report(scene, second, dict.fromkeys(range(7, 12), 0.8), worker=scene.second_worker)
    finish(scene, second, worker=scene.second_worker)
    done = evaluation_of(second)
    assert done.state == S.SCORED
    assert scores_of(done)["ssim"] == [0.9] * 7 + [0.8] * 5


def test_an_evaluation_ends_scored_only_with_every_case_told(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    with pytest.raises(OutOfTurn):
        finish(scene, job)
    start_scoring(scene, job)
    report(scene, job, dict.fromkeys(range(11), 0.9))
    with pytest.raises(CasesMissing, match="1 of 12"):
        finish(scene, job)
    report(scene, job, {11: "NOT_FINITE"})
    finish(scene, job, at=NOW + timedelta(minutes=3))
    done = evaluation_of(job)
    assert (done.state, done.finished_at, done.lease_until) == (S.SCORED, NOW + timedelta(minutes=3), None)


@pytest.mark.parametrize("code", ["TIMEOUT", "OOM_RAM", "EXIT_CODE", "NO_OUTPUT", "IMAGE_PULL"])
def test_a_failure_of_the_team_ends_it_at_once_and_leaves_no_score(scene: Scene, code: str) -> None:
    queue(scene)
    first = claim(scene)
    start_scoring(scene, first)
    report(scene, first, {0: 0.9})
    finish(scene, first, failure={"code": "ENGINE"})
    second = claim(scene)
    finish(scene, second, failure={"code": code, "detail": "seen"}, run=run_facts("run-2", files_present=3))
    failed = evaluation_of(second)
    assert failed.state == S.FAILED
    assert failed.failure == {"code": code, "detail": "seen"}
    assert failed.run == run_facts("run-2", files_present=3).model_dump(mode="json")
    assert failed.outcomes == [None] * 12
    assert scores_of(failed) == {}


@pytest.mark.parametrize("code", ["ENGINE", "DATA", "SCORER", "REGISTRY", "WORKER_LOST"])
def test_a_failure_of_ours_is_tried_three_times(scene: Scene, code: str) -> None:
    queue(scene)
    seen = []
    for _ in range(3):
        job = claim(scene)
        finish(scene, job, failure={"code": code})
        seen.append((job.attempt, evaluation_of(job).state))
    assert seen == [(1, S.QUEUED), (2, S.QUEUED), (3, S.PLATFORM_ERROR)]
    assert evaluation_of(job).failure == {"code": code, "detail": ""}
    assert [step.reason for step in evaluation_of(job).transitions.all() if step.before != "queued"] == [code] * 3


@pytest.mark.parametrize("code", ["MISSING_FILE", "NO_SUCH_CODE"])
def test_a_run_does_not_end_with_a_code_that_no_run_has(scene: Scene, code: str) -> None:
    queue(scene)
    job = claim(scene)
    with pytest.raises(BadReport):
        finish(scene, job, failure={"code": code})
    assert evaluation_of(job).state == S.PREPARING


def test_a_waiting_evaluation_is_cancelled_at_once(scene: Scene) -> None:
    evaluation = queue(scene)
    services.request_cancel(pk=evaluation.pk, actor=scene.captain, now=NOW)
    assert Evaluation.objects.get(pk=evaluation.pk).state == S.CANCELLED
    assert services.claim(worker=scene.worker, request=ask(), now=NOW) is None


def test_a_running_one_is_told_to_stop_and_then_ends_cancelled(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    with pytest.raises(OutOfTurn):
        finish(scene, job, cancelled=True)
    pk = evaluation_of(job).pk
    services.request_cancel(pk=pk, actor=scene.captain, now=NOW)
    assert evaluation_of(job).state == S.PREPARING
    answer = services.heartbeat(worker=scene.worker, pk=pk, message=Heartbeat(attempt=1), now=NOW)
    assert answer.cancel
    finish(scene, job, cancelled=True)
    assert evaluation_of(job).state == S.CANCELLED


def test_a_cancelled_one_that_we_broke_is_not_started_again(scene: Scene) -> None:
    queue(scene)
    job = claim(scene)
    services.request_cancel(pk=evaluation_of(job).pk, actor=scene.captain, now=NOW)
    finish(scene, job, failure={"code": "ENGINE"})
    assert evaluation_of(job).state == S.CANCELLED


def test_one_that_ended_stays_as_it_is_when_cancelled(scene: Scene) -> None:
    queue(scene)
    scored = score_all(scene)
    services.request_cancel(pk=scored.pk, actor=scene.captain, now=NOW)
    stored = Evaluation.objects.get(pk=scored.pk)
    assert (stored.state, stored.cancel_requested_at) == (S.SCORED, None)
