"""Accounts, teams and tokens as people use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assay.accounts import services
from assay.accounts.errors import BadName, CaptainNeeded, EmailTaken, NameTaken, NotOrganiser, TeamTaken, WeakPassword
from assay.accounts.models import ApiToken, Membership, Role, Scope, Team, User
from assay.audit.models import Entry
from assay.config.errors import Invalid, NotAllowed
from tests.unit.assay.conftest import NOW


def test_a_new_account_signs_in_with_its_password(db: None) -> None:
    user = services.sign_up(username="ada", email="ada@example.org", password="a long enough phrase", now=NOW)

    assert user.check_password("a long enough phrase")
    assert not user.is_staff


@pytest.mark.parametrize(
    ("username", "email", "password", "reason"),
    [
        ("captain", "new@example.org", None, NameTaken),
        ("new", "CAPTAIN@example.org", None, EmailTaken),
        ("new", "new@example.org", "12345678", WeakPassword),
        ("new", "new@example.org", "short", WeakPassword),
        ("new", "not an address", None, Invalid),
        ("New Person", "new@example.org", None, BadName),
        ("a/b", "new@example.org", None, BadName),
        ("x" * 41, "new@example.org", None, BadName),
        ("", "new@example.org", None, BadName),
    ],
)
def test_an_account_that_cannot_be_opened_says_why_and_leaves_nothing(
    captain: User, username: str, email: str, password: str | None, reason: type[Exception]
) -> None:
    with pytest.raises(reason):
        services.sign_up(username=username, email=email, password=password, now=NOW)
    assert User.objects.count() == 1


def test_whoever_founds_a_team_is_its_captain(captain: User) -> None:
    team = services.create_team(actor=captain, slug="lions", name="  The   Lions ", now=NOW)

    assert team.name == "The Lions"
    assert Membership.objects.get(team=team).role == Role.CAPTAIN
    assert Entry.objects.filter(tag="team:team:create", actor=captain).exists()


@pytest.mark.parametrize(
    ("slug", "name", "reason"),
    [
        ("tigers", "Other Tigers", TeamTaken),
        ("Tigers!", "Tigers", BadName),
        ("a--b", "Tigers", BadName),
        ("lions", "   ", BadName),
        ("lions", "x" * 81, BadName),
        ("lions", "bell\x07", BadName),
        ("lions", "right\u202eto left", BadName),
    ],
)
def test_a_team_that_cannot_be_founded_says_why(
    captain: User, team: Team, slug: str, name: str, reason: type[Exception]
) -> None:
    with pytest.raises(reason):
        services.create_team(actor=captain, slug=slug, name=name, now=NOW)
    assert Team.objects.count() == 1


def test_a_captain_takes_a_person_in_once(captain: User, team: Team, outsider: User) -> None:
    for _ in range(2):
        services.add_member(actor=captain, team=team, user=outsider, now=NOW)

    assert team.members.filter(pk=outsider.pk).count() == 1
    assert Entry.objects.filter(tag="team:member:add").count() == 1


def test_a_plain_member_and_an_outsider_take_nobody_in(member: User, outsider: User, team: Team) -> None:
    for actor in (member, outsider):
        with pytest.raises(CaptainNeeded):
            services.add_member(actor=actor, team=team, user=outsider, now=NOW)
    assert not team.members.filter(pk=outsider.pk).exists()


def test_a_token_is_told_once_and_stored_as_a_hash(captain: User) -> None:
    token, plaintext = services.issue_token(user=captain, name="laptop", scopes=[Scope.TEAM], now=NOW)

    assert plaintext.startswith("assay_")
    assert len(plaintext) == len("assay_") + 43
    assert plaintext not in str(ApiToken.objects.filter(pk=token.pk).values().get())
    found = services.authenticate_token(plaintext=plaintext, now=NOW)
    assert found == token


def test_tokens_are_looked_up_through_the_unique_index_in_one_query(captain: User) -> None:
    plaintext = services.issue_token(user=captain, name="laptop", scopes=[Scope.TEAM], now=NOW)[1]
    services.authenticate_token(plaintext=plaintext, now=NOW)

    with CaptureQueriesContext(connection) as queries:
        services.authenticate_token(plaintext=plaintext, now=NOW)
    assert len(queries) == 1
    assert services.digest_of(plaintext) in queries[0]["sql"]


def test_the_time_of_use_is_noted_at_most_once_a_minute(captain: User) -> None:
    token, plaintext = services.issue_token(user=captain, name="laptop", scopes=[Scope.TEAM], now=NOW)

    for seconds in (0, 30, 59):
        services.authenticate_token(plaintext=plaintext, now=NOW + timedelta(seconds=seconds))
    token.refresh_from_db()
    assert token.last_used_at == NOW

    services.authenticate_token(plaintext=plaintext, now=NOW + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(seconds=60)


def test_a_revoked_token_opens_nothing_any_more(captain: User) -> None:
    token, plaintext = services.issue_token(user=captain, name="laptop", scopes=[Scope.TEAM], now=NOW)

    services.revoke_token(actor=captain, token=token, now=NOW)
    later = services.revoke_token(actor=captain, token=token, now=NOW + timedelta(days=1))

    assert services.authenticate_token(plaintext=plaintext, now=NOW) is None
    assert later.revoked_at == NOW


def test_the_token_of_a_closed_account_opens_nothing(captain: User) -> None:
    plaintext = services.issue_token(user=captain, name="laptop", scopes=[Scope.TEAM], now=NOW)[1]
    User.objects.filter(pk=captain.pk).update(is_active=False)

    assert services.authenticate_token(plaintext=plaintext, now=NOW) is None


def test_nobody_revokes_another_persons_token(captain: User, outsider: User) -> None:
    token, plaintext = services.issue_token(user=captain, name="laptop", scopes=[Scope.TEAM], now=NOW)

    with pytest.raises(NotAllowed):
        services.revoke_token(actor=outsider, token=token, now=NOW)
    assert services.authenticate_token(plaintext=plaintext, now=NOW) == token


@pytest.mark.parametrize("scopes", [[], ["everything"], ["team", "root"]])
def test_a_token_opens_something_that_exists(captain: User, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        services.issue_token(user=captain, name="laptop", scopes=scopes, now=NOW)


def test_only_an_organiser_makes_an_organisers_token_and_it_ends_with_the_role(captain: User, organiser: User) -> None:
    with pytest.raises(NotOrganiser):
        services.issue_token(user=captain, name="laptop", scopes=[Scope.ORGANISER], now=NOW)

    token = services.issue_token(user=organiser, name="laptop", scopes=[Scope.ORGANISER], now=NOW)[0]
    services.require_scope(token=token, scope=Scope.ORGANISER)
    organiser.is_staff = False
    with pytest.raises(NotOrganiser):
        services.require_scope(token=token, scope=Scope.ORGANISER)
