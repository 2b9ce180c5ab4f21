"""Every error of the API has one form, and tells what to do."""

from __future__ import annotations

import pytest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory

from assay.config.errors import NotFound, Refused, answers_refusals, every_refusal
from evaluators.contract.failures import HELP
from evaluators.contract.jobs import Refusal
from tests.unit.assay.conftest import Tokens, client_with


class Soaked(Refused):
    """The paper is wet.

    Further lines are for programmers.
    """

    code = "SOAKED"
    status = 418
    hint = "Dry it."


def test_a_refusal_says_what_its_docstring_says() -> None:
    error = Soaked()
    assert (error.message, error.next, error.help) == ("The paper is wet.", "Dry it.", "/help/SOAKED")
    assert str(Soaked("3 sheets are wet.", next="Dry all 3.")) == "3 sheets are wet."


@answers_refusals
def _view(request: HttpRequest, kind: str) -> HttpResponseBase:
    if kind == "refused":
        raise Soaked
    if kind == "missing":
        raise Http404
    return HttpResponse("fine")


@pytest.mark.parametrize(("kind", "status", "code"), [("refused", 418, "SOAKED"), ("missing", 404, "NOT_FOUND")])
def test_a_plain_view_refuses_in_the_same_form(kind: str, status: int, code: str) -> None:
    answer = _view(RequestFactory().get("/"), kind)

    assert isinstance(answer, HttpResponse)
    refused = Refusal.model_validate_json(answer.content)
    assert (answer.status_code, refused.error) == (status, code)
    assert refused.help.endswith(f"/help/{code}")


def test_a_plain_view_that_refuses_nothing_answers_as_it_likes() -> None:
    assert _view(RequestFactory().get("/"), "fine").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/me", "/api/worker/v1/nothing", "/api/v1/phases/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_address_that_serves_nothing_answers_json(db: None, path: str, method: str) -> None:
    answer = Client().generic(method, path)

    assert answer.status_code in {404, 405}
    if answer.status_code == 404:
        assert set(answer.json()) == {"error", "message", "next", "help"}


def test_a_body_that_is_not_json_is_told_so(tokens: Tokens) -> None:
    answer = client_with(tokens.captain).post("/api/v1/images", "{", content_type="application/json")

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID")


def test_what_is_wrong_with_a_request_is_named_without_repeating_it(tokens: Tokens) -> None:
    body = {"team": "tigers", "config_digest": "<script>", "archive_bytes": -1, "extra": 1}

    answer = client_with(tokens.captain).post("/api/v1/images", body, content_type="application/json")
    assert answer.status_code == 422
    assert "config_digest" in answer.json()["message"]
    assert "archive_bytes" in answer.json()["message"]
    assert "script" not in answer.json()["message"]


def test_every_reason_has_a_stable_code_a_sentence_and_a_sensible_status() -> None:
    ours = [reason for reason in every_refusal() if reason.__module__.startswith("assay.")]

    assert NotFound in ours
    for reason in ours:
        assert reason.code.isupper(), reason
        assert reason.code.replace("_", "").isalpha(), reason
        assert 400 <= reason.status < 600, reason
        assert reason.sentence().endswith((".", "!")), reason


def test_a_code_means_one_thing() -> None:
    """Only the reasons about what a team sends share codes with the failures of runs, which mean the same there."""
    of_entries = {"IMAGE_PULL", "IMAGE_SIZE", "IMAGE_ARCH", "OUTPUT_TOO_LARGE"}
    ours = [reason for reason in every_refusal() if reason.__module__.startswith("assay.")]

    assert {reason.code for reason in ours} & set(HELP) <= of_entries
    for reason in ours:
        for other in ours:
            if reason.code == other.code and reason.code not in of_entries:
                assert issubclass(reason, other) or issubclass(other, reason), (reason, other)


def test_the_openapi_document_shows_the_streaming_addresses_too(db: None) -> None:
    schema = Client().get("/api/openapi.json").json()

    assert {"get", "put", "head"} >= set(schema["paths"]["/api/v1/blobs/{sha256}"]) - {"parameters"}
    assert "put" in schema["paths"]["/api/v1/images/{id}/archive"]
    assert "get" in schema["paths"]["/api/v1/datasets/{name}/{version}/files/{sha256}"]
    schemes = schema["components"]["securitySchemes"]
    used = {name for path in schema["paths"].values() for verb in path.values() if isinstance(verb, dict)
            for need in verb.get("security", []) for name in need}  # fmt: skip
    assert used <= set(schemes)
    assert Client().get("/api/docs").status_code == 200


def test_the_worker_api_is_documented_to_nobody(db: None) -> None:
    assert Client().get("/api/worker/v1/docs").status_code == 404
    assert Client().get("/api/worker/v1/openapi.json").status_code == 404
