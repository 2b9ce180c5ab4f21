"""Whatever is sent to the API is answered, never by a crash: every text, every number, every JSON."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.assay.conftest import Tokens, client_with

FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["a\x00b", "tigers", "cine-demo-test", "cine-demo", "..", "\u202e", "\ud800"])
)
NUMBERS = st.one_of(st.integers(min_value=-1, max_value=10**25), st.sampled_from([0, 1, 2**31, 2**63]))
WORDS = st.sampled_from(
    [
        "team",
        "config_digest",
        "sha256",
        "predictions",
        "archive_bytes",
        "name",
        "version",
        "manifest",
        "yaml",
        "phase",
        "card",
    ]
)
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=6)),
    max_leaves=8,
)
POSTS = (
    "/api/v1/images",
    "/api/v1/predictions",
    "/api/v1/datasets",
    "/api/v1/datasets/cine-demo-test/1/seal",
    "/api/v1/challenges/apply",
    "/api/v1/submissions",
)


def _answered(client: Client, method: str, path: str, body: Any = None) -> None:
    answer = client.generic(method, path, json.dumps(body), content_type="application/json")
    assert answer.status_code < 500, path
    if method != "HEAD" and answer.status_code >= 400 and answer.status_code != 405:
        assert set(answer.json()) == {"error", "message", "next", "help"}, path


@pytest.fixture
def clients(tokens: Tokens, challenge: object, ready_image: object) -> tuple[Client, ...]:
    """An organiser, a captain, and somebody without a token, on a site with a challenge."""
    return client_with(tokens.organiser), client_with(tokens.captain), client_with(None)


@pytest.mark.parametrize("path", POSTS)
def test_any_document_is_answered(path: str, clients: tuple[Client, ...]) -> None:
    @FEW
    @given(body=DOCUMENTS)
    def check(body: Any) -> None:
        for client in clients:
            _answered(client, "POST", path, body)

    check()


def test_documents_of_the_right_form_with_any_content_are_answered(clients: tuple[Client, ...]) -> None:
    @FEW
    @given(text=TEXTS, number=NUMBERS)
    def check(text: str, number: int) -> None:
        digest = "0" * 64
        for client in clients:
            body: dict[str, Any] = {"team": text, "config_digest": digest, "archive_bytes": number}
            _answered(client, "POST", "/api/v1/images", body)
            _answered(client, "POST", "/api/v1/datasets", {"name": "other", "version": number})
            _answered(client, "POST", "/api/v1/challenges/apply", {"yaml": text, "filename": text})
            body = {"team": text, "phase": text, "config_digest": digest, "method": text, "card": {text: text}}
            _answered(client, "POST", "/api/v1/submissions", body)
            body |= {"team": "tigers", "phase": "cine-demo/cine-multicoil/test"}
            _answered(client, "POST", "/api/v1/submissions", body)

    check()


def test_any_address_is_answered(clients: tuple[Client, ...]) -> None:
    @FEW
    @given(text=TEXTS.filter(lambda text: "\ud800" not in text), number=NUMBERS)
    def check(text: str, number: int) -> None:
        word = quote(text, safe="")
        for client in clients:
            for path in (
                f"/api/v1/datasets/{word}/{number}",
                f"/api/v1/datasets/{word}/{number}/files",
                f"/api/v1/datasets/cine-demo-sample/1/files/{word}",
                f"/api/v1/phases/{word}/{word}/{word}",
                f"/api/v1/boards/{word}/{word}/{word}",
                f"/api/v1/submissions/{word}",
                f"/api/v1/submissions?team={word}",
                f"/api/v1/{word}",
            ):
                _answered(client, "GET", path)
            _answered(client, "PUT", f"/api/v1/images/{abs(number)}/archive", "x")
            _answered(client, "PUT", f"/api/v1/blobs/{word}?dataset={word}@{number}", "x")
            _answered(client, "HEAD", f"/api/v1/blobs/{word}?dataset={word}@{number}")

    check()


@pytest.mark.parametrize(
    "path", ["/s/%00", "/c/a%00b", "/?next=%00", "/api/v1/submissions/%00", "/api/v1/phases?a=%00"]
)
def test_an_address_with_a_nul_is_a_bad_request_on_pages_and_in_the_api(db: None, path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == (422 if path.startswith("/api/") else 400)


def test_an_api_address_with_a_line_feed_is_answered_in_the_apis_form(db: None) -> None:
    _answered(Client(), "GET", "/api/v1/%0A")
    _answered(Client(), "GET", "/api/worker/v1/a%0Ab")
