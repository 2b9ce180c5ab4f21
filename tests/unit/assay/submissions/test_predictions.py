"""Entering result files into a phase: who may where, what it counts, what the worker gets, how it stands on the board."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Scope, Team, User
from assay.accounts.services import issue_token
from assay.config.errors import Refused
from assay.datasets.models import Case
from assay.evaluations import services as evaluations
from assay.evaluations.models import Evaluation
from assay.leaderboards import selectors as boards
from assay.predictions.models import Predictions
from assay.predictions.services import predictions_path
from assay.submissions import selectors, services
from assay.submissions.errors import (
    PhaseClosed,
    PredictionsNotReady,
    PredictionsNotTaken,
    PredictionsTooLargeHere,
    QuotaSpent,
)
from assay.submissions.models import Submission
from assay.submissions.steps import steps_of
from evaluators.contract.failures import FailureNote
from evaluators.contract.jobs import Job, StateReport
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    NOW,
    Scene,
    claim,
    digest,
    evaluation_of,
    finish,
    make_dataset,
    report,
    run_facts,
    score_all,
)

ADDRESS = "cine/multicoil/test"


def sent(team: Team, text: str = "archive", **changes: Any) -> Predictions:
    """An archive that has arrived."""
    fields = {"archive_bytes": 5, "created_at": NOW, "ready_at": NOW, **changes}
    return Predictions.objects.create(team=team, sha256=digest(text), **fields)


@pytest.fixture
def taking(scene: Scene) -> Scene:
    """The scene's phase takes result files: its inputs were given out as P003 (subject a) and P007 (subject b)."""
    Case.objects.filter(unit="subject-a").update(given_as="P003")
    Case.objects.filter(unit="subject-b").update(given_as="P007")
    scene.phase.predictions = "given-out"
    scene.phase.save()
    sent(scene.team)
    return scene


def enter(scene: Scene, **changes: Any) -> services.Submitted:
    arguments: dict[str, Any] = {
        "actor": scene.captain, "team": scene.team, "phase": scene.phase, "predictions": digest("archive"),
        "method": "VarNet", "card": {}, "now": NOW, **changes,
    }  # fmt: skip
    return services.submit(**arguments)


def start(scene: Scene, job: Job) -> None:
    message = StateReport(
        attempt=job.attempt, state=EvaluationState.SCORING, run=run_facts(seconds=0, peak_memory=None)
    )
    evaluations.report_state(worker=scene.worker, pk=evaluation_of(job).pk, message=message, now=NOW)


def test_a_worker_gets_the_archive_in_place_of_an_image_and_the_names_that_teams_know(taking: Scene) -> None:
    submission = enter(taking).submission
    job = claim(taking)
    assert job.evaluation == str(submission.evaluation_id)
    assert (job.image, job.predictions and job.predictions.sha256) == (None, digest("archive"))
    wanted = selectors.list_predictions(taking.phase).paths
    assert [case.output for case in job.cases] == wanted
    assert wanted[0] == "MultiCoil/Cine/TestSet/AccFactor04/P003/cine_sax.mat"
    assert {path.split("/")[4] for path in wanted[6:]} == {"P007"}


def test_a_container_in_the_same_phase_still_sees_names_that_were_drawn_for_it(taking: Scene) -> None:
    enter(taking, predictions=None, config_digest=taking.image.config_digest)
    job = claim(taking)
    assert (job.image, job.predictions) == (taking.image.config_digest, None)
    # one name a subject and factor, not one a subject
    assert len({case.output.split("/")[4] for case in job.cases}) == 6


def test_it_goes_from_preparing_to_scored_and_stands_on_the_board_without_time_and_memory(taking: Scene) -> None:
    submission = enter(taking).submission
    job = claim(taking)
    start(taking, job)
    report(taking, job, dict.fromkeys(range(12), 0.9))
    finish(taking, job)
    evaluation = evaluation_of(job)
    states = [row.after for row in evaluation.transitions.order_by("pk")]
    assert states == ["preparing", "scoring", "scored"]
    steps = steps_of(evaluation, log=list(evaluation.transitions.order_by("pk")), now=NOW)
    assert [step.label for step in steps] == ["queued", "preparing", "scoring", "scored"]
    told = selectors.describe(Submission.objects.get(pk=submission.pk))
    assert (told.config_digest, told.predictions) == (None, digest("archive"))
    assert (told.seconds, told.peak_memory, told.cases.scored) == (None, None, 12)
    (row,) = boards.board(phase=taking.phase, viewer=taking.captain, now=NOW).rows
    assert (row.rank, row.predictions) == (1, True)
    assert (row.seconds, row.seconds_a_case, row.peak_memory) == (None, None, None)


def test_the_same_scores_rank_alike_whether_a_container_or_files_brought_them(taking: Scene) -> None:
    enter(taking, predictions=None, config_digest=taking.image.config_digest, method="container")
    score_all(taking)
    enter(taking, method="files")
    job = claim(taking)
    start(taking, job)
    report(taking, job, dict.fromkeys(range(12), 0.9))
    finish(taking, job)
    rows = boards.board(phase=taking.phase, viewer=taking.captain, now=NOW).rows
    assert [(row.rank, row.method, row.predictions) for row in rows] == [
        (1, "container", False),
        (1, "files", True),
    ]


def test_the_same_archive_gives_the_old_entry_unless_again_is_said(taking: Scene) -> None:
    first = enter(taking)
    second = enter(taking)
    assert (second.duplicate, second.submission.pk) == (True, first.submission.pk)
    third = enter(taking, again=True)
    assert not third.duplicate
    assert third.submission.evaluation_id != first.submission.evaluation_id


def test_an_archive_with_the_hash_of_an_image_is_another_entry(taking: Scene) -> None:
    sent(taking.team, "first")
    assert taking.image.config_digest == digest("first")
    enter(taking, predictions=None, config_digest=digest("first"))
    assert not enter(taking, predictions=digest("first")).duplicate


def test_it_counts_like_a_container(taking: Scene) -> None:
    for number in range(3):
        sent(taking.team, f"more {number}")
        enter(taking, predictions=digest(f"more {number}"))
    with pytest.raises(QuotaSpent):
        enter(taking)


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        pytest.param({"predictions": digest("x")}, PredictionsNotReady, "PREDICTIONS_NOT_READY", id="never sent"),
        pytest.param({"predictions": digest("half")}, PredictionsNotReady, "PREDICTIONS_NOT_READY", id="half sent"),
        pytest.param({"predictions": digest("south")}, PredictionsNotReady, "PREDICTIONS_NOT_READY", id="another's"),
        pytest.param({"predictions": digest("huge")}, PredictionsTooLargeHere, "OUTPUT_TOO_LARGE", id="too large"),
        pytest.param({"actor": "outsider"}, NotYourTeam, "NOT_YOUR_TEAM", id="another team's person"),
        pytest.param({"now": NOW.replace(year=2030)}, PhaseClosed, "PHASE_CLOSED", id="after the close"),
    ],
)
def test_a_refused_entry_writes_nothing_and_says_what_to_do(
    taking: Scene, changes: dict[str, Any], error: type[Refused], code: str
) -> None:
    sent(taking.team, "half", ready_at=None)
    sent(taking.other_team, "south")
    sent(taking.team, "huge", archive_bytes=2**40)
    if isinstance(changes.get("actor"), str):
        changes = {**changes, "actor": User.objects.get(username=changes["actor"])}
    with pytest.raises(error) as refused:
        enter(taking, **changes)
    assert (refused.value.code, bool(refused.value.next)) == (code, True)
    assert not Submission.objects.exists()


def test_a_phase_takes_none_unless_its_file_says_so(scene: Scene) -> None:
    sent(scene.team)
    with pytest.raises(PredictionsNotTaken):
        enter(scene)
    with pytest.raises(PredictionsNotTaken):
        selectors.list_predictions(scene.phase)
    assert selectors.describe_phase(scene.phase, team=None, now=NOW).predictions is None


def test_the_phase_says_that_it_takes_them_and_in_which_layout(taking: Scene) -> None:
    offer = selectors.describe_phase(taking.phase, team=None, now=NOW).predictions
    assert offer is not None
    assert (offer.inputs, offer.path) == ("given-out", taking.task.input)
    assert (offer.formats, offer.variable) == (["mat-v7"], "img4ranking")
    assert offer.max_bytes == taking.phase.parsed_limits().output
    assert offer.listing.endswith(f"/api/v1/phases/{ADDRESS}/predictions")
    assert (offer.shape, offer.part) == ("as-reference", "")


def test_a_phase_of_cropped_files_says_what_a_file_holds(taking: Scene, client: Client) -> None:
    task = taking.phase.task
    task.spec = {**task.spec, "output": {**task.spec["output"], "shape": "ranked"}}
    task.save()
    offer = selectors.describe_phase(taking.phase, team=None, now=NOW).predictions
    assert offer is not None
    assert "the middle third of x by the middle half of y, the two middle slices" in offer.part
    assert f"Each file holds {offer.part}" in client.get(f"/c/{ADDRESS}").content.decode()


def test_a_public_dataset_is_answered_by_the_names_of_its_download(scene: Scene, client: Client) -> None:
    scene.phase.ranked = make_dataset("open", owner=scene.organiser, public=True)
    scene.phase.predictions = "public"
    scene.phase.save()
    listed = json.loads(client.get(f"/api/v1/phases/{ADDRESS}/predictions").content)["paths"]
    files = json.loads(client.get("/api/v1/datasets/open/1/files").content)
    assert listed == [one["path"] for one in files if one["role"] == "input" and "mask" not in one["path"]]


def test_what_was_wrong_with_an_archive_is_told_also_on_hidden_data(taking: Scene) -> None:
    """It came from the team's own hands, unlike a container's exit code."""
    submission = enter(taking).submission
    job = claim(taking)
    finish(taking, job, failure=FailureNote(code="PROTOCOL", detail="entry 3 is damaged"))
    told = selectors.describe(Submission.objects.get(pk=submission.pk))
    assert (told.state, told.failure) == ("failed", FailureNote(code="PROTOCOL", detail="entry 3 is damaged"))
    assert "archive of result files" in told.sentence


def test_an_evaluation_has_one_source(taking: Scene) -> None:
    evaluation = enter(taking).submission.evaluation
    for image in (taking.image, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            Evaluation.objects.filter(pk=evaluation.pk).update(
                image=image, predictions=evaluation.predictions if image else None
            )


def _headers(user: User) -> dict[str, str]:
    _, token = issue_token(user=user, name="test", scopes=[Scope.TEAM], now=timezone.now())
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("role", "status"), [("captain", 200), ("member", 200), ("outsider", 403), ("organiser", 403), (None, 401)]
)
def test_who_may_enter_over_the_api(taking: Scene, client: Client, role: str | None, status: int) -> None:
    taking.phase.opens_at = taking.phase.closes_at = None
    taking.phase.save()
    headers = {} if role is None else _headers(User.objects.get(username=role))
    body = {"team": "north", "phase": ADDRESS, "predictions": digest("archive"), "method": "VarNet"}
    answer = client.post("/api/v1/submissions", body, content_type="application/json", headers=headers)
    assert answer.status_code == status
    # the paths are as public as the inputs that they are named after
    assert client.get(f"/api/v1/phases/{ADDRESS}/predictions", headers=headers).status_code == 200


@pytest.mark.parametrize("both", [{}, {"config_digest": digest("first"), "predictions": digest("archive")}])
def test_an_entry_of_nothing_or_of_both_is_told_so(taking: Scene, client: Client, both: dict[str, str]) -> None:
    body = {"team": "north", "phase": ADDRESS, "method": "VarNet", **both}
    answer = client.post("/api/v1/submissions", body, content_type="application/json", headers=_headers(taking.captain))
    assert answer.status_code == 422
    assert "one of the two" in answer.content.decode()


def test_only_the_worker_that_holds_the_evaluation_gets_the_archive(taking: Scene, client: Client) -> None:
    path = predictions_path(digest("archive"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    token = evaluations.register_worker(name="bench-9", hardware="cpu", now=NOW)
    address = f"/api/worker/v1/predictions/{digest('archive')}"
    headers = {"Authorization": f"Bearer {token}"}
    enter(taking)
    assert client.get(address, headers=headers).status_code == 404
    taking.worker = type(taking.worker).objects.get(name="bench-9")
    claim(taking)
    answer = client.get(address, headers=headers)
    assert b"".join(answer.streaming_content) == b"PK"  # type: ignore[attr-defined]
