"""Method cards in Chromium: a team writes one, everybody reads it beside the board."""

from __future__ import annotations

import pytest

from assay.submissions.models import Submission
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.unit.assay.web.world import World

pytestmark = pytest.mark.browser
MINE = "VarNet-XL with learned coil sensitivities"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_team_writes_its_card_and_a_visitor_reads_it_beside_the_board(
    size: tuple[int, int], dark: bool, world: World, visit: Visit
) -> None:
    captain = visit(world, role="captain", size=size, dark=dark)
    page = captain.open(f"/s/{world.submissions[MINE].code}")
    page.get_by_role("link", name="Write a card").click()
    assert captain.overflow() <= 0
    page.get_by_label("Backbone").fill("VarNet, 12 cascades")
    page.get_by_label("Parameters").fill("30 million")
    page.get_by_label("Paper").fill("arXiv:2004.06688")
    page.get_by_role("button", name="Keep the card").click()
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("link", name="arXiv:2004.06688").get_attribute("href") == "https://arxiv.org/abs/2004.06688"
    assert captain.overflow() <= 0

    visitor = visit(size=size, dark=dark)
    page = visitor.open(f"/c/{world.address}/board")
    page.get_by_role("link", name="Method cards of this board").click()
    page.wait_for_load_state("networkidle")
    assert visitor.overflow() <= 0
    page.get_by_role("searchbox").fill("cascades")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cards?find=cascades")
    (row,) = page.locator(".method-cards tbody tr").all()
    assert "30.00 million" in row.inner_text()
    with page.expect_download() as told:
        page.get_by_role("link", name="LaTeX").click()
    assert "VarNet, 12 cascades & " in told.value.path().read_text()
    assert captain.complaints == visitor.complaints == []


def test_an_answer_that_cannot_be_taken_is_told_in_the_form(world: World, visit: Visit) -> None:
    captain = visit(world, role="captain")
    page = captain.open(f"/s/{world.submissions[MINE].code}/card")
    page.get_by_label("Parameters").fill("many")
    page.get_by_role("button", name="Keep the card").click()
    page.wait_for_load_state("networkidle")
    assert "'many' is no number; write it like 30000000" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Parameters").input_value() == "many"
    assert Submission.objects.get(pk=world.submissions[MINE].pk).card == {}
