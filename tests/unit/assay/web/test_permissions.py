"""Who may open which page, in which state of the phase: role x page x state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assay.challenges.models import Phase
from tests.unit.assay.web.conftest import ROLES
from tests.unit.assay.web.reading import read

PUBLIC = (
    "/",
    "/boards",
    "/c/cine-demo",
    "/c/cine-demo/news",
    "/c/cine-demo/news.atom",
    "/c/cine-demo/cine-multicoil",
    "{phase}",
    "{phase}/sample",
    "/submit",
    "/status",
    "/help",
    "/help/TIMEOUT",
)
EVERYBODY = dict.fromkeys(ROLES, 200)
OWN_TEAM = {"anonymous": 404, "outsider": 404, "member": 200, "captain": 200, "organiser": 200}
ORGANISER_403 = {**dict.fromkeys(ROLES, 403), "organiser": 200}
ORGANISER_404 = {**dict.fromkeys(ROLES, 404), "organiser": 200}
CONSOLE = {**dict.fromkeys(ROLES, 403), "anonymous": 302, "organiser": 200}
SIGNED_IN = {**dict.fromkeys(ROLES, 200), "anonymous": 302}

STATES = {
    "open": {},
    "closed": {"closes_at": timedelta(days=-1)},
    "upcoming": {"opens_at": timedelta(days=1)},
    "secret": {"board_from": timedelta(days=1), "scores_from": timedelta(days=1)},
}
MATRIX = [
    *((page, state, EVERYBODY) for page in PUBLIC for state in STATES),
    *(("{phase}/board", state, EVERYBODY) for state in ("open", "closed", "upcoming")),
    ("{phase}/board", "secret", ORGANISER_403),
    ("{phase}/board/compare", "secret", ORGANISER_403),
    # it asks for two entries; who may not see the board is not told so
    ("{phase}/board/compare.json", "secret", {**dict.fromkeys(ROLES, 403), "organiser": 404}),
    ("{phase}/board/embed", "secret", dict.fromkeys(ROLES, 403)),
    ("{phase}/board/2026-01-01-1", "open", dict.fromkeys(ROLES, 404)),
    ("{phase}/board.csv", "open", EVERYBODY),
    ("{phase}/board.csv", "secret", ORGANISER_403),
    ("{phase}/board.json", "secret", ORGANISER_403),
    *(("{own}", state, OWN_TEAM) for state in STATES),
    ("{own}/live", "open", OWN_TEAM),
    ("{own}.json", "open", OWN_TEAM),
    ("{baseline}", "open", EVERYBODY),
    ("{baseline}", "secret", ORGANISER_404),
    *((f"/c/cine-demo/console{page}", "open", CONSOLE) for page in ("", "/audit", "/funnel.csv", "/challenge.yaml")),
    *((f"/c/cine-demo/console{page}.json", "open", {**CONSOLE, "anonymous": 401}) for page in ("", "/audit")),
    ("/account/tokens", "open", SIGNED_IN),
    ("/account/teams", "open", SIGNED_IN),
]


@pytest.mark.parametrize(("page", "state", "expected"), MATRIX)
def test_each_role_opens_what_it_may_and_nothing_else(page, state, expected, world, as_role):
    now = timezone.now()
    Phase.objects.update(**{name: now + shift for name, shift in STATES[state].items()})
    address = page.format(
        phase=f"/c/{world.address}",
        own=f"/s/{world.submissions['VarNet-XL with learned coil sensitivities'].code}",
        baseline=f"/s/{world.submissions['U-Net'].code}",
    )
    got = {role: as_role(world, role).get(address).status_code for role in ROLES}
    assert got == expected


@pytest.mark.parametrize(
    ("state", "sees"),
    [("open", {"member": True, "organiser": True}), ("secret", {"member": False, "organiser": True})],
)
def test_scores_appear_on_a_submission_only_from_their_date(state, sees, world, as_role):
    now = timezone.now()
    Phase.objects.update(**{name: now + shift for name, shift in STATES[state].items()})
    code = world.submissions["VarNet-XL with learned coil sensitivities"].code
    for role, expected in sees.items():
        text = read(as_role(world, role).get(f"/s/{code}")).text
        assert ("Mean of each metric" in text) is expected
        assert ("Scores are shown from" in text) is (not expected)


def test_only_the_own_team_is_offered_to_cancel(busy_world, as_role):
    code = busy_world.submissions["Cascade-12"].code
    assert "Cancel" in read(as_role(busy_world, "captain").get(f"/s/{code}")).text
    assert "Cancel" not in read(as_role(busy_world, "organiser").get(f"/s/{code}")).text


def test_an_outsider_cannot_cancel_and_learns_nothing_of_the_submission(busy_world, as_role):
    code = busy_world.submissions["Cascade-12"].code
    assert as_role(busy_world, "outsider").post(f"/s/{code}/cancel").status_code == 404
    assert as_role(busy_world, "anonymous").post(f"/s/{code}/cancel").status_code == 302
    busy_world.submissions["Cascade-12"].evaluation.refresh_from_db()
    assert busy_world.submissions["Cascade-12"].evaluation.cancel_requested_at is None


def test_a_member_cancels_a_running_submission_from_its_page(busy_world, as_role):
    code = busy_world.submissions["Cascade-12"].code
    answer = as_role(busy_world, "member").post(f"/s/{code}/cancel", follow=True)
    assert "Cancelling: it is stopped within a minute." in read(answer).text


def test_the_board_links_another_teams_entry_for_its_organiser_alone(world, as_role):
    code = world.submissions["PromptNet"].code
    board = f"/c/{world.address}/board"
    assert f"/s/{code}" not in read(as_role(world, "captain").get(board)).links()
    assert f"/s/{code}" in read(as_role(world, "organiser").get(board)).links()


def test_the_hidden_data_leave_no_trace_on_any_page(busy_world, as_role):
    secrets = ["subject-", busy_world.submissions["U-Net"].evaluation.pseudonym_seed, "wrapped"]
    client = as_role(busy_world, "organiser")
    pages = [
        f"/c/{busy_world.address}",
        f"/c/{busy_world.address}/board",
        f"/s/{busy_world.submissions['KT-net'].code}",
    ]
    for page in [*pages, *(f"{page}.json" for page in pages), f"/c/{busy_world.address}/board.csv"]:
        content = client.get(page).content.decode()
        assert not [secret for secret in secrets if secret in content]
