"""`manage.py assay_user` as make demo uses it."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assay.accounts.models import Scope, Team, User
from assay.accounts.services import authenticate_token


def _run(*words: str) -> str:
    out = io.StringIO()
    call_command("assay_user", *words, stdout=out)
    return out.getvalue().strip()


ORGANISER = ("--username", "organiser", "--email", "organiser@example.org", "--organiser", "--token-name", "demo")
BASELINES = (
    "--username", "baselines", "--email", "baselines@example.org", "--team", "baselines", "--team-name", "Baselines",
    "--token-name", "demo",
)  # fmt: skip


def test_an_organiser_is_made_and_the_token_opens_everything(db: None) -> None:
    token = authenticate_token(plaintext=_run(*ORGANISER), now=timezone.now())

    assert token is not None
    assert token.user.is_staff
    assert set(token.scopes) == {Scope.TEAM, Scope.ORGANISER}


def test_running_it_again_makes_nothing_twice_and_replaces_the_token(db: None) -> None:
    first, second = _run(*BASELINES), _run(*BASELINES)

    now = timezone.now()
    assert User.objects.count() == Team.objects.count() == 1
    assert first != second
    assert authenticate_token(plaintext=first, now=now) is None
    assert authenticate_token(plaintext=second, now=now) is not None


def test_a_second_person_joins_the_team(db: None) -> None:
    _run(*BASELINES)
    _run("--username", "helper", "--email", "helper@example.org", "--team", "baselines", "--token-name", "demo")

    assert Team.objects.get().members.count() == 2


def test_a_password_is_read_from_stdin(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough phrase\n"))
    _run(*ORGANISER, "--password-stdin")

    assert User.objects.get().check_password("a long enough phrase")


def test_a_name_with_another_address_is_refused_and_changes_nothing(db: None) -> None:
    _run(*ORGANISER)

    with pytest.raises(CommandError, match="another address"):
        _run("--username", "organiser", "--email", "other@example.org", "--token-name", "demo")
    with pytest.raises(CommandError, match="User name"):
        _run("--username", "Not A Name", "--email", "other@example.org", "--token-name", "demo")
    assert User.objects.count() == 1
