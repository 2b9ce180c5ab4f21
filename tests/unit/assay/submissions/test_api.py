"""Submissions and phases over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assay.accounts.models import Role, Scope, User
from assay.accounts.services import issue_token
from assay.evaluations.models import Evaluation
from assay.submissions.models import Submission
from evaluators.contract.api import PhaseOut, SubmissionOut
from evaluators.contract.docker_line import printed_line
from evaluators.contract.jobs import Heartbeat, Progress, StateReport
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    SECRETS,
    Scene,
    claim,
    evaluation_of,
    finish,
    make_dataset,
    make_image,
    make_phase,
    make_team,
    report,
    run_facts,
    start_scoring,
)

ADDRESS = "cine/multicoil/test"
Call = Callable[..., Any]


@pytest.fixture
def call(client: Client, scene: Scene) -> Call:
    """Call the API as a role (None: without a token)."""
    # over HTTP the real clock decides
    scene.phase.opens_at = scene.phase.closes_at = None
    scene.phase.save()
    tokens: dict[str, str] = {}

    def send(method: str, path: str, body: dict[str, Any] | None = None, *, role: str | None = "captain") -> Any:
        headers = {}
        if role is not None:
            if role not in tokens:
                user = User.objects.get(username=role)
                _, tokens[role] = issue_token(user=user, name="test", scopes=[Scope.TEAM], now=timezone.now())
            headers = {"Authorization": f"Bearer {tokens[role]}"}
        content = None if body is None else json.dumps(body)
        return client.generic(method, f"/api/v1{path}", content or "", content_type="application/json", headers=headers)

    return send


def _entry(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "team": "north",
        "phase": ADDRESS,
        "config_digest": scene.image.config_digest,
        "method": "VarNet",
        **changes,
    }


def test_an_entry_is_made_read_listed_and_cancelled(scene: Scene, call: Call) -> None:
    made = call("POST", "/submissions", _entry(scene))
    assert made.status_code == 200
    out = SubmissionOut.model_validate_json(made.content)
    assert (out.team, out.method, out.phase, out.state, out.duplicate) == ("north", "VarNet", ADDRESS, "queued", False)
    assert out.sentence == "Queued: 1st in line."
    assert out.url.endswith(f"/s/{out.id}")
    assert (out.cases.scored, out.cases.failed, out.cases.total) == (0, 0, 12)
    again = SubmissionOut.model_validate_json(call("POST", "/submissions", _entry(scene)).content)
    assert (again.id, again.duplicate) == (out.id, True)
    read = call("GET", f"/submissions/{out.id.lower()}", role="member").json()
    assert read == json.loads(made.content)
    assert call("GET", "/submissions").json() == [read]
    assert call("GET", f"/submissions?team=north&phase={ADDRESS}").json() == [read]
    cancelled = call("POST", f"/submissions/{out.id}/cancel").json()
    assert (cancelled["state"], cancelled["sentence"]) == ("cancelled", "Cancelled before it ran.")
    second = call("POST", f"/submissions/{out.id}/cancel")
    assert (second.status_code, second.json()["error"]) == (409, "SUBMISSION_ENDED")


@pytest.mark.parametrize(
    ("changes", "role", "status", "error"),
    [
        ({"phase": "cine/multicoil/tset"}, "captain", 404, None),
        ({"phase": "nonsense"}, "captain", 404, None),
        ({"team": "south"}, "captain", 403, "NOT_YOUR_TEAM"),
        ({"team": "nobody"}, "captain", 403, "NOT_YOUR_TEAM"),
        ({}, "outsider", 403, "NOT_YOUR_TEAM"),
        ({}, None, 401, "SIGN_IN"),
        ({"config_digest": "xyz"}, "captain", 422, "INVALID"),
        ({"surprise": 1}, "captain", 422, "INVALID"),
        ({"baseline": True}, "captain", 403, "NOT_ORGANISER"),
    ],
)
def test_a_refusal_has_one_form_with_a_next_step(
    *, scene: Scene, call: Call, changes: dict[str, Any], role: str | None, status: int, error: str | None
) -> None:
    answer = call("POST", "/submissions", _entry(scene, **changes), role=role)
    assert answer.status_code == status
    told = answer.json()
    assert set(told) == {"error", "message", "next", "help"}
    assert told["message"]
    assert told["next"]
    assert error is None or told["error"] == error


def test_a_spent_quota_is_refused_with_the_time_of_the_next_slot(scene: Scene, call: Call) -> None:
    for number in range(3):
        image = make_image(scene.team, f"image {number}")
        assert call("POST", "/submissions", _entry(scene, config_digest=image.config_digest)).status_code == 200
    answer = call("POST", "/submissions", _entry(scene))
    assert (answer.status_code, answer.json()["error"]) == (409, "QUOTA")
    assert answer.json()["message"] == "3 of 3 submissions used today."
    assert answer.json()["next"].startswith("Back at ")


@pytest.mark.parametrize("role", ["outsider", None])
def test_another_teams_entry_looks_like_none_at_all(scene: Scene, call: Call, role: str | None) -> None:
    code = call("POST", "/submissions", _entry(scene)).json()["id"]
    theirs, nobodys = call("GET", f"/submissions/{code}", role=role), call("GET", "/submissions/ZZZZ", role=role)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    if role is not None:
        assert call("POST", f"/submissions/{code}/cancel", role=role).status_code == 404
        assert Evaluation.objects.get().state == EvaluationState.QUEUED


@pytest.mark.parametrize("public", [False, True])
def test_what_a_hidden_phase_measured_is_rounded(scene: Scene, call: Call, public: bool) -> None:
    if public:
        scene.phase.ranked = make_dataset("sample", owner=scene.organiser, public=True)
        scene.phase.save()
    code = call("POST", "/submissions", _entry(scene)).json()["id"]
    job = claim(scene)
    start_scoring(scene, job)
    report(scene, job, dict.fromkeys(range(10), 0.9) | {10: "MISSING_FILE", 11: "MISSING_FILE"})
    finish(scene, job)
    out = SubmissionOut.model_validate_json(call("GET", f"/submissions/{code}").content)
    assert out.sentence == "Scored with 2 case failures: MISSING_FILE 2 of 12."
    assert out.case_failures == {"MISSING_FILE": 2}
    assert (out.cases.scored, out.cases.failed, out.cases.total) == (10, 2, 12)
    assert (out.files_present, out.files_expected) == (12, 12)
    if public:
        assert (out.seconds, out.peak_memory) == (61.4, 1_234_567_890)
    else:
        assert out.seconds == 61.0
        assert out.peak_memory == round(1.2 * 2**30)  # upwards: never less than was used


def test_while_it_runs_the_files_counted_from_outside_are_told(scene: Scene, call: Call) -> None:
    from assay.evaluations import services

    code = call("POST", "/submissions", _entry(scene)).json()["id"]
    job = claim(scene)
    pk, now = evaluation_of(job).pk, timezone.now()
    running = StateReport(attempt=1, state=EvaluationState.RUNNING)
    services.report_state(worker=scene.worker, pk=pk, message=running, now=now)
    seen = Progress(files_present=5, files_expected=12, seconds=7.77, memory=2**28 + 5)
    services.heartbeat(worker=scene.worker, pk=pk, message=Heartbeat(attempt=1, progress=seen), now=now)
    out = call("GET", f"/submissions/{code}").json()
    assert out["sentence"] == "Running: files present 5 of 12."
    assert (out["files_present"], out["files_expected"], out["seconds"]) == (5, 12, 8.0)
    assert out["peak_memory"] == round(0.3 * 2**30)


@pytest.mark.parametrize("public", [False, True])
def test_an_exit_code_that_a_container_chose_is_not_told_of_hidden_data(scene: Scene, call: Call, public: bool) -> None:
    if public:
        scene.phase.ranked = make_dataset("sample", owner=scene.organiser, public=True)
        scene.phase.save()
    code = call("POST", "/submissions", _entry(scene)).json()["id"]
    finish(scene, claim(scene), failure={"code": "EXIT_CODE", "detail": "exit code 113"}, run=run_facts())
    told = call("GET", f"/submissions/{code}").json()["failure"]
    assert told == {"code": "EXIT_CODE", "detail": "exit code 113" if public else ""}


def test_a_phase_is_told_with_its_limits_docker_line_and_quota(scene: Scene, call: Call) -> None:
    call("POST", "/submissions", _entry(scene))
    out = PhaseOut.model_validate_json(call("GET", f"/phases/{ADDRESS}").content)
    assert (out.address, out.is_open, out.cases, out.state) == (ADDRESS, True, 12, "Open, without an end.")
    assert out.docker_line == printed_line(limits=out.limits)
    assert (out.ranked, out.sample) == (str(scene.phase.ranked), None)
    assert out.docker_line.startswith("docker run --rm --network=none --read-only")
    assert {key: out.quota[key] for key in ("submissions", "every", "attempts", "used", "left")} == {
        "submissions": 3,
        "every": "day",
        "attempts": 6,
        "used": 1,
        "left": 2,
    }
    public = call("GET", f"/phases/{ADDRESS}", role=None).json()
    assert set(public["quota"]) == {"submissions", "every", "attempts"}
    # the task in full is told for one phase alone: a list of phases stays short
    assert public["task"]
    assert call("GET", "/phases", role=None).json() == [public | {"task": None}]
    assert call("GET", "/phases").json() == [json.loads(out.model_dump_json()) | {"task": None}]


def test_someone_in_two_teams_names_the_one_whose_quota_they_mean(scene: Scene, call: Call) -> None:
    make_team("west", {scene.captain: Role.CAPTAIN})
    call("POST", "/submissions", _entry(scene))
    assert "used" not in call("GET", f"/phases/{ADDRESS}").json()["quota"]
    assert call("GET", f"/phases/{ADDRESS}?team=north").json()["quota"]["used"] == 1
    assert call("GET", f"/phases/{ADDRESS}?team=west").json()["quota"]["used"] == 0
    assert call("GET", f"/phases/{ADDRESS}?team=south").status_code == 403


def test_a_list_costs_the_same_queries_however_long_it_is(
    scene: Scene, call: Call, django_assert_num_queries: Any
) -> None:
    scene.phase.quota = {}
    scene.phase.save()
    call("POST", "/submissions", _entry(scene))
    call("GET", "/submissions")
    with django_assert_num_queries(4):  # token, submissions, leases, queue
        call("GET", "/submissions")
    for number in range(5):
        call("POST", "/submissions", _entry(scene, config_digest=make_image(scene.team, f"{number}").config_digest))
    with django_assert_num_queries(4):
        assert len(call("GET", "/submissions").json()) == 6


def test_a_list_of_phases_costs_the_same_queries_however_long_it_is(
    scene: Scene, call: Call, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        call("GET", "/phases", role=None)
    for position in range(1, 4):
        make_phase(scene.phase.task, f"more-{position}", dataset=scene.dataset, position=position)
    with django_assert_num_queries(2):
        assert len(call("GET", "/phases", role=None).json()) == 4


def test_no_answer_to_people_holds_what_is_hidden(scene: Scene, call: Call) -> None:
    code = call("POST", "/submissions", _entry(scene)).json()["id"]
    job = claim(scene)
    seed = evaluation_of(job).pseudonym_seed
    start_scoring(scene, job)
    report(scene, job, dict.fromkeys(range(12), 0.9))
    finish(scene, job)
    hidden = (*SECRETS, seed, "unit", "reference_key", "cine_sax", *(file.sha256 for file in job.cases[0].references))
    for role in ("captain", "organiser"):
        for path in ("/submissions", f"/submissions/{code}", "/phases", f"/phases/{ADDRESS}", f"/boards/{ADDRESS}"):
            answer = call("GET", path, role=role)
            assert answer.status_code == 200, path
            text = answer.content.decode().replace('"unit":', "").replace('"units":', "")
            assert not [word for word in hidden if word in text], path


def test_an_ended_entry_is_taken_off_the_board_by_its_team(scene: Scene, call: Call) -> None:
    code = call("POST", "/submissions", _entry(scene)).json()["id"]
    finish(scene, claim(scene), failure={"code": "EXIT_CODE"})
    assert call("POST", f"/submissions/{code}/withdraw", role=None).status_code == 401
    assert call("POST", f"/submissions/{code}/withdraw", role="outsider").status_code == 404
    assert call("POST", f"/submissions/{code}/withdraw").status_code == 200
    assert Submission.objects.get(code=code).withdrawn_at is not None
