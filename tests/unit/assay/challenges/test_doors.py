"""The doors to a challenge file: the API and manage.py. And how challenges, tasks and phases are found."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assay.accounts.models import Scope, User
from assay.challenges import selectors
from assay.challenges.errors import PhaseUnknown
from assay.challenges.models import Challenge
from assay.config.errors import NotFound
from tests.unit.assay.conftest import Tokens, client_with, token_of
from tests.unit.assay.samples import CHALLENGE

ADDRESSES = ("cine-demo", "cine-demo/cine-multicoil", "cine-demo/cine-multicoil/test")
pytestmark = pytest.mark.usefixtures("sealed_dataset", "sample_dataset")


@pytest.fixture
def rival(db: None) -> User:
    """Another organiser of the site."""
    return User.objects.create_user(username="rival", email="rival@example.org", is_staff=True)


def test_over_http_a_file_is_applied_and_answers_what_changed(tokens: Tokens) -> None:
    client = client_with(tokens.organiser)
    body = {"yaml": CHALLENGE, "filename": "/home/me/cine-demo.yaml"}

    answer = client.post("/api/v1/challenges/apply", body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["changes"] == dict.fromkeys(ADDRESSES, "created")
    assert client.get(answer.json()["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_over_http_mistakes_carry_the_files_own_name_and_nothing_of_the_path(tokens: Tokens) -> None:
    body = {"yaml": "schema: 2\n", "filename": "/home/me/<b>cine</b> demo.yaml"}

    answer = client_with(tokens.organiser).post("/api/v1/challenges/apply", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"] == "CHALLENGE_FILE"
    assert "b__demo.yaml:1:9 unknown schema 2, write 1" in answer.json()["message"]
    assert "<b>" not in answer.json()["message"]
    assert "/home/me" not in answer.json()["message"]


@pytest.mark.parametrize(("role", "status"), [("captain", 403), ("member", 403), ("outsider", 403), ("rival", 403)])
def test_over_http_nobody_else_applies(
    role: str, status: int, tokens: Tokens, rival: User, challenge: Challenge
) -> None:
    token = token_of(rival, Scope.ORGANISER) if role == "rival" else getattr(tokens, role)

    answer = client_with(token).post("/api/v1/challenges/apply", {"yaml": CHALLENGE}, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["error"] == ("NOT_YOUR_CHALLENGE" if role == "rival" else "SCOPE_MISSING")


def test_manage_py_applies_the_same_file(organiser: User, tmp_path: Path) -> None:
    file = tmp_path / "cine-demo.yaml"
    file.write_text(CHALLENGE)
    out = io.StringIO()

    call_command("challenge_apply", str(file), "--actor", "organiser", stdout=out)
    assert out.getvalue().splitlines() == [f"created  {address}" for address in ADDRESSES]


@pytest.mark.parametrize(
    ("content", "actor", "wanted"),
    [
        (b"schema: 2\n", "organiser", "cine-demo.yaml:1:9 unknown schema 2"),
        (CHALLENGE.encode(), "nobody", "no such account"),
        (b"\xff", "organiser", "cannot be read"),
        (None, "organiser", "cannot be read"),
    ],
)
def test_manage_py_says_what_is_wrong(
    organiser: User, tmp_path: Path, content: bytes | None, actor: str, wanted: str
) -> None:
    file = tmp_path / "cine-demo.yaml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=wanted):
        call_command("challenge_apply", str(file), "--actor", actor)


@pytest.mark.parametrize("address", ["", "cine-demo", "cine-demo/cine-multicoil/final", "a/b/c/d", "//"])
def test_an_address_without_a_phase_is_not_found(challenge: Challenge, address: str) -> None:
    with pytest.raises(PhaseUnknown):
        selectors.phase_by_address(address)


def test_challenges_and_tasks_are_found_by_address(challenge: Challenge, organiser: User, captain: User) -> None:
    assert selectors.challenge_by_slug("cine-demo") == challenge
    assert selectors.task_by_address(challenge="cine-demo", task="cine-multicoil").title == "Cine, multi-coil"
    assert selectors.is_organiser(user=organiser, challenge=challenge)
    assert not selectors.is_organiser(user=captain, challenge=challenge)
    with pytest.raises(NotFound):
        selectors.challenge_by_slug("other")
    with pytest.raises(NotFound):
        selectors.task_by_address(challenge="cine-demo", task="other")
