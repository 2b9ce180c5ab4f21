"""What staff see in the admin, and what they may do there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from assay.accounts.models import User
from assay.evaluations import services
from assay.evaluations.models import Evaluation, Worker
from assay.submissions.models import Submission
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import NOW, Scene, queue, score_all


@pytest.fixture
def root(client: Client, scene: Scene) -> Client:
    """Signed in as who runs the site."""
    client.force_login(
        User.objects.create(username="root", email="root@assay.example", is_staff=True, is_superuser=True)
    )
    return client


def _act(client: Client, page: str, action: str, pk: object) -> Any:
    return client.post(f"/admin/{page}/", {"action": action, "_selected_action": [str(pk)]}, follow=True)


def test_every_page_opens_and_none_shows_a_secret(root: Client, scene: Scene) -> None:
    queue(scene)
    evaluation = score_all(scene)
    worker = Worker.objects.get(pk=scene.worker.pk)
    pages = {
        "evaluations/evaluation": evaluation.pk,
        "evaluations/worker": worker.pk,
        "evaluations/metricscores": evaluation.scores.all()[0].pk,
        "evaluations/transition": evaluation.transitions.all()[0].pk,
    }
    for page, pk in pages.items():
        for path in (f"/admin/{page}/", f"/admin/{page}/{pk}/change/"):
            answer = root.get(path)
            assert answer.status_code == 200, path
            text = answer.content.decode()
            assert evaluation.pseudonym_seed not in text
            assert worker.digest not in text
            assert 'name="_save"' not in text


def test_who_runs_the_site_cancels_evaluations_and_revokes_workers(root: Client, scene: Scene) -> None:
    evaluation = queue(scene)
    _act(root, "evaluations/evaluation", "cancel", evaluation.pk)
    assert Evaluation.objects.get().state == EvaluationState.CANCELLED
    token = services.register_worker(name="bench-1", hardware="cpu", now=NOW)
    _act(root, "evaluations/worker", "revoke", scene.worker.pk)
    assert services.authenticate_worker(token) is None


def test_staff_who_do_not_run_the_site_only_look(client: Client, scene: Scene) -> None:
    client.force_login(scene.organiser)
    evaluation = queue(scene)
    assert client.get("/admin/evaluations/evaluation/").status_code == 200
    _act(client, "evaluations/evaluation", "cancel", evaluation.pk)
    assert Evaluation.objects.get().state == EvaluationState.QUEUED
    _act(client, "evaluations/worker", "revoke", scene.worker.pk)
    assert Worker.objects.get(pk=scene.worker.pk).revoked_at is None


@pytest.mark.parametrize("organises", [True, False])
def test_an_organiser_cancels_entries_of_their_own_challenge_alone(
    client: Client, scene: Scene, organises: bool
) -> None:
    if not organises:
        scene.phase.task.challenge.organisers.clear()
    submission = Submission.objects.create(
        code="4F7Q", phase=scene.phase, team=scene.team, user=scene.captain, image=scene.image,
        evaluation=queue(scene), method="VarNet", received_at=NOW,
    )  # fmt: skip
    client.force_login(scene.organiser)
    answer = _act(client, "submissions/submission", "cancel", submission.pk)
    assert (Evaluation.objects.get().state == EvaluationState.CANCELLED) == organises
    assert ("4F7Q: You are not in this team." in answer.content.decode()) == (not organises)
