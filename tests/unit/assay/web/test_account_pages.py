"""Sign up, sign in, teams and tokens, as a newcomer goes through them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from assay.accounts.models import ApiToken, Team, User
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import PASSWORD


def token_in(content: str) -> str:
    (token,) = set(re.findall(r"assay_[A-Za-z0-9_-]{43}", content))
    return str(token)


def test_a_newcomer_signs_up_founds_a_team_and_makes_a_token_that_opens_the_api(db, client):
    answer = client.post("/account/sign-up", {"username": "newcomer", "email": "n@team.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/account/teams"
    client.post("/account/teams", {"name": "Night Owls", "slug": "night-owls"})
    page = read(client.get("/account/teams"))
    assert page.row("Night Owls")[1:3] == ["night-owls", "newcomer (captain)"]
    made = client.post("/account/tokens", {"name": "laptop", "scopes": ["team"]})
    token = token_in(made.content.decode())
    assert "shown once" in read(made).text
    me = Client().get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).json()
    assert (me["name"], me["teams"]) == ("newcomer", ["night-owls"])
    assert token not in client.get("/account/tokens").content.decode()


def test_a_captain_adds_a_member_by_user_name_and_nobody_else_does(world, as_role):
    team = Team.objects.get(membership__user__username="captain")
    where = f"/account/teams/{team.slug}/members"
    assert as_role(world, "captain").post(where, {"username": "outsider"}).headers["Location"] == "/account/teams"
    assert team.members.filter(username="outsider").exists()
    assert as_role(world, "member").post(where, {"username": "organiser"}).status_code == 403
    assert as_role(world, "captain").post(where, {"username": "nobody-here"}).status_code == 404
    assert not team.members.filter(username="organiser").exists()


def test_a_revoked_token_is_gone_from_the_list_and_opens_nothing(world, as_role):
    client = as_role(world, "captain")
    made = client.post("/account/tokens", {"name": "laptop", "scopes": ["team"]})
    token = token_in(made.content.decode())
    client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke")
    assert "No token yet" in read(client.get("/account/tokens")).text
    assert Client().get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_nobody_revokes_somebody_elses_token(world, as_role):
    as_role(world, "captain").post("/account/tokens", {"name": "laptop", "scopes": ["team"]})
    token = ApiToken.objects.get()
    assert as_role(world, "outsider").post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_only_organisers_are_offered_the_organisers_scope(world, as_role):
    offered = {
        role: [
            box.attrs["value"]
            for box in read(as_role(world, role).get("/account/tokens")).all("input")
            if box.attrs.get("name") == "scopes"
        ]
        for role in ("captain", "organiser")
    }
    assert offered == {"captain": ["team"], "organiser": ["team", "organiser"]}
    refused = as_role(world, "captain").post("/account/tokens", {"name": "x", "scopes": ["organiser"]})
    assert refused.status_code == 422
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "captain", "This user name is taken."),
        ("username", "Not A Name", "cannot be used"),
        ("email", "CAPTAIN@team.example", "has an account already"),
        ("password", "password", "too common"),
    ],
)
def test_a_refused_sign_up_says_why_beside_the_field_and_keeps_the_rest(field, value, words, world, client):
    entries = {"username": "newcomer", "email": "n@team.example", "password": PASSWORD, field: value}
    answer = client.post("/account/sign-up", entries)
    assert answer.status_code == 422
    assert words in read(answer).text
    kept = next(box for box in read(answer).all("input") if box.attrs.get("name") == "email")
    assert kept.attrs["value"] == entries["email"]
    assert User.objects.count() == 4


def test_a_taken_team_name_is_refused_beside_the_field(world, as_role):
    answer = as_role(world, "outsider").post("/account/teams", {"name": "Leeds", "slug": "leeds"})
    assert answer.status_code == 422
    assert "A team of this name exists already." in read(answer).text
    assert Team.objects.filter(slug="leeds").count() == 1


def test_signing_in_leads_back_to_where_one_was(world, client):
    page = f"/c/{world.address}"
    where = next(link for link in read(client.get(page)).links() if link.startswith("/account/sign-in"))
    answer = client.post(where, {"username": "captain", "password": PASSWORD, "next": page})
    assert answer.headers["Location"] == page
    signed_out = client.post("/account/sign-out")
    assert signed_out.headers["Location"] == "/"
    assert "Sign in" in read(client.get("/")).text


def test_a_wrong_password_says_nothing_about_which_half_was_wrong(world, client):
    wrong = read(client.post("/account/sign-in", {"username": "captain", "password": "x"})).text
    unknown = read(client.post("/account/sign-in", {"username": "nobody", "password": "x"})).text
    assert "Please enter a correct user name and password" in wrong or "Please enter a correct" in wrong
    assert wrong == unknown


def test_no_page_after_sign_in_leads_off_the_site(world, client):
    entries = {"username": "captain", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/account/sign-in", entries).headers["Location"] == "/"
    entries = {"username": "n", "email": "n@team.example", "password": PASSWORD, "next": "//elsewhere.example/"}
    assert Client().post("/account/sign-up", entries).headers["Location"] == "/account/teams"
