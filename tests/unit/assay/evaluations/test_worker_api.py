"""The worker API over HTTP: what opens it, what it gives, and what it never tells."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from assay.accounts.models import Scope
from assay.accounts.services import issue_token
from assay.datasets.models import CaseFile
from assay.datasets.store import write_blob
from assay.evaluations import services
from assay.evaluations.models import Evaluation, Worker
from assay.images.models import Image
from evaluators.contract.jobs import Job
from evaluators.contract.states import EvaluationState
from evaluators.contract.version import CONTRACT_VERSION
from tests.unit.assay.evaluations.scene import NOW, Scene, ask, claim, digest, evaluation_of, finish, queue, values
from tests.unit.assay.samples import docker_archive, fetched, keep, layer
from tests.unit.assay.samples import sha256 as sha256_of

BASE = "/api/worker/v1"
Post = Callable[..., Any]


@pytest.fixture
def token(scene: Scene) -> str:
    """A fresh token of bench-1."""
    return services.register_worker(name="bench-1", hardware="cpu", now=NOW)


@pytest.fixture
def post(client: Client, token: str) -> Post:
    """POST as bench-1."""

    def send(path: str, body: dict[str, Any] | str, *, bearer: str = token) -> Any:
        return client.post(
            BASE + path,
            body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {bearer}"},
        )

    return send


def _get(client: Client, path: str, bearer: str) -> Any:
    return client.get(BASE + path, headers={"Authorization": f"Bearer {bearer}"})


def _hungry() -> dict[str, Any]:
    return ask().model_dump(mode="json")


def test_an_evaluation_goes_from_claim_to_scored(scene: Scene, post: Post) -> None:
    queue(scene)
    answer = post("/claim", _hungry())
    assert answer.status_code == 200
    job = Job.model_validate_json(answer.content)
    here = f"/evaluations/{job.evaluation}"
    run = {
        "output_digest": digest("run"), "files_present": 12, "files_expected": 12, "seconds": 3.5, "output_bytes": 9,
    }  # fmt: skip
    cases = [{"case": index, "values": values()} for index in range(11)] + [
        {"case": 11, "failure": {"code": "BAD_SHAPE"}}
    ]
    beat = post(f"{here}/heartbeat", {"attempt": 1, "progress": {"files_present": 1, "files_expected": 12}})
    assert beat.json() == {"lease_seconds": job.lease_seconds, "cancel": False}
    for path, body in (
        ("state", {"attempt": 1, "state": "running"}),
        ("state", {"attempt": 1, "state": "scoring", "run": run}),
        ("cases", {"attempt": 1, "output_digest": digest("run"), "results": cases}),
        ("finish", {"attempt": 1}),
    ):
        assert post(f"{here}/{path}", body).status_code == 204, path
    assert evaluation_of(job).state == EvaluationState.SCORED
    assert post("/claim", _hungry()).status_code == 204
    late = post(f"{here}/heartbeat", {"attempt": 1})
    assert (late.status_code, late.json()["error"]) == (409, "STALE_ATTEMPT")


@pytest.mark.parametrize("path", ["claim", "heartbeat", "state", "cases", "finish"])
def test_a_worker_of_another_release_is_turned_away_before_its_message_is_read(
    scene: Scene, post: Post, path: str
) -> None:
    queue(scene)
    job = claim(scene)
    where = "/claim" if path == "claim" else f"/evaluations/{job.evaluation}/{path}"
    answer = post(where, {"contract": CONTRACT_VERSION + 1, "a_field_of_the_future": True})
    assert (answer.status_code, answer.json()["error"]) == (409, "CONTRACT")
    assert "release" in answer.json()["next"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"attempt": 1, "extra": 1}', '{"attempt": "x"}'])
def test_a_message_in_another_form_is_refused_in_the_one_form(scene: Scene, post: Post, body: str) -> None:
    queue(scene)
    answer = post(f"/evaluations/{claim(scene).evaluation}/heartbeat", body)
    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"error", "message", "next", "help"}


@pytest.mark.parametrize("which", ["none", "a person's", "revoked", "rotated away", "made up"])
def test_only_a_live_worker_token_opens_the_worker_api(scene: Scene, client: Client, post: Post, which: str) -> None:
    token = services.register_worker(name="bench-9", hardware="cpu", now=NOW)
    if which == "a person's":
        _, token = issue_token(user=scene.captain, name="laptop", scopes=[Scope.TEAM], now=NOW)
    elif which == "revoked":
        services.revoke_worker(worker=Worker.objects.get(name="bench-9"), now=NOW)
    elif which == "rotated away":
        services.register_worker(name="bench-9", hardware="cpu", now=NOW)
    elif which == "made up":
        token = "assayw_" + "x" * 43
    answer: Any = client.post(f"{BASE}/claim") if which == "none" else post("/claim", _hungry(), bearer=token)
    assert answer.status_code == 401
    assert answer.json()["error"] in {"SIGN_IN", "WORKER_TOKEN"}


def test_a_worker_token_opens_nothing_else(scene: Scene, client: Client, token: str) -> None:
    for path in ("/api/v1/me", "/api/v1/submissions"):
        assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_error_of_a_stranger_to_an_evaluation_tells_nothing_of_it(scene: Scene, post: Post) -> None:
    queue(scene)
    claim(scene, worker=scene.second_worker)
    known = post(f"/evaluations/{Evaluation.objects.get().pk}/finish", {"attempt": 1})
    unknown = post(f"/evaluations/{'0' * 8}-0000-0000-0000-{'0' * 12}/finish", {"attempt": 1})
    assert known.status_code == unknown.status_code == 409
    assert known.json() == unknown.json()


def test_a_worker_reads_files_only_while_it_holds_an_evaluation_that_needs_them(
    scene: Scene, client: Client, token: str
) -> None:
    file = CaseFile.objects.first()
    assert file is not None
    content = b"k-space"
    sha256 = hashlib.sha256(content).hexdigest()
    CaseFile.objects.filter(pk=file.pk).update(sha256=sha256)
    write_blob(chunks=[content], sha256=sha256)
    one, two = layer("one"), layer("two")
    archive = docker_archive(one, two)
    Image.objects.filter(pk=scene.image.pk).update(config_digest=archive.config_digest)
    scene.image.refresh_from_db()
    keep(archive)
    blob, image = f"/blobs/{sha256}", f"/images/{scene.image.config_digest}"
    queue(scene)
    assert [_get(client, path, token).status_code for path in (blob, image)] == [404, 404]
    job = claim(scene)
    answers = [_get(client, path, token) for path in (blob, image)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [b"".join(answer.streaming_content) for answer in answers] == [content, fetched(archive)]
    assert int(answers[1].headers["Content-Length"]) == len(fetched(archive))
    assert _get(client, f"{image}/layers", token).json() == [sha256_of(one), sha256_of(two)]
    above = b"".join(_get(client, f"{image}?above=2", token).streaming_content)
    with tarfile.open(fileobj=io.BytesIO(above)) as tar:
        assert tar.getnames() == [f"{archive.config_digest}.json", "manifest.json"]
    assert _get(client, f"{image}?above=-1", token).status_code == 422
    assert _get(client, f"/images/{scene.other_image.config_digest}", token).status_code == 404
    assert _get(client, f"/blobs/{digest('another')}", token).status_code == 404
    other = services.register_worker(name="bench-2", hardware="cpu", now=NOW)
    assert [_get(client, path, other).status_code for path in (blob, image, f"{image}/layers")] == [404] * 3
    finish(scene, job, failure={"code": "TIMEOUT"})
    assert [_get(client, path, token).status_code for path in (blob, image)] == [404, 404]


def test_a_file_that_the_site_lost_is_said_to_be_lost(scene: Scene, client: Client, token: str) -> None:
    queue(scene)
    claim(scene)
    answer = _get(client, f"/images/{scene.image.config_digest}", token)
    assert (answer.status_code, answer.json()["error"]) == (503, "FILE_LOST")


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret-key", "abc", "A" * 64])
def test_a_file_is_asked_for_by_its_hash_alone(scene: Scene, client: Client, token: str, name: str) -> None:
    assert _get(client, f"/blobs/{name}", token).status_code in {404, 422}


def test_the_command_prints_a_token_and_rotates_it(scene: Scene) -> None:
    def make(*arguments: str) -> str:
        out = StringIO()
        call_command("worker_token", *arguments, stdout=out)
        return out.getvalue().strip()

    first = make("gpu-3", "--hardware", "gpu-24g")
    found = services.authenticate_worker(first)
    assert found is not None
    assert (found.name, found.hardware) == ("gpu-3", "gpu-24g")
    assert first not in str(Worker.objects.values_list().get(name="gpu-3"))
    second = make("gpu-3", "--hardware", "cpu")
    assert services.authenticate_worker(first) is None
    renewed = services.authenticate_worker(second)
    assert renewed is not None
    assert (renewed.pk, renewed.hardware) == (found.pk, "cpu")
    for wrong in (("GPU 3", "--hardware", "cpu"), ("gpu-3", "--hardware", "c p u")):
        with pytest.raises(CommandError):
            make(*wrong)


def test_a_revoked_worker_is_let_in_again_with_a_fresh_token(scene: Scene) -> None:
    services.revoke_worker(worker=scene.worker, now=NOW)
    assert services.authenticate_worker(services.register_worker(name="bench-1", hardware="cpu", now=NOW)) is not None
