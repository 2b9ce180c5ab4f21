"""GET /me, and what every signed address answers to whom."""

from __future__ import annotations

import pytest
from django.test import Client

from assay.accounts.models import ApiToken, User
from assay.accounts.services import revoke_token
from tests.unit.assay.conftest import NOW, Tokens, client_with

SIGNED = [
    ("POST", "/api/v1/datasets"),
    ("POST", "/api/v1/datasets/some-data/1/seal"),
    ("PUT", f"/api/v1/blobs/{'0' * 64}?dataset=some-data@1"),
    ("HEAD", f"/api/v1/blobs/{'0' * 64}?dataset=some-data@1"),
    ("POST", "/api/v1/challenges/apply"),
    ("POST", "/api/v1/images"),
    ("PUT", "/api/v1/images/1/archive"),
    ("GET", "/api/v1/me"),
]
ORGANISERS_ONLY = SIGNED[:5]


def test_me_says_who_the_token_belongs_to(tokens: Tokens) -> None:
    answer = client_with(tokens.member).get("/api/v1/me")

    assert answer.status_code == 200
    assert answer.json() == {"name": "member", "teams": ["tigers"], "token": "test", "scopes": ["team"]}


@pytest.mark.parametrize(("method", "path"), SIGNED)
def test_without_a_token_one_is_told_to_sign_in(db: None, method: str, path: str) -> None:
    answer = Client().generic(method, path)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    if method != "HEAD":
        assert answer.json()["error"] == "SIGN_IN"
        assert "assay login" in answer.json()["next"]


@pytest.mark.parametrize("text", ["assay_wrong", "Basic", "\udcff"])
@pytest.mark.parametrize(("method", "path"), SIGNED[5:])
def test_a_token_that_is_none_is_refused(db: None, method: str, path: str, text: str) -> None:
    answer = Client().generic(method, path, headers={"authorization": f"Bearer {text}"})

    assert answer.status_code == 401
    assert answer.json()["error"] == "BAD_TOKEN"


def test_a_revoked_token_is_refused(tokens: Tokens, captain: User) -> None:
    token = ApiToken.objects.get(user=captain)
    revoke_token(actor=captain, token=token, now=NOW)

    answer = client_with(tokens.captain).get("/api/v1/me")
    assert (answer.status_code, answer.json()["error"]) == (401, "BAD_TOKEN")


@pytest.mark.parametrize(("method", "path"), ORGANISERS_ONLY)
def test_a_teams_token_does_not_open_what_is_for_organisers(tokens: Tokens, method: str, path: str) -> None:
    answer = client_with(tokens.captain).generic(method, path)

    assert answer.status_code == 403
    if method != "HEAD":
        assert answer.json()["error"] == "SCOPE_MISSING"
