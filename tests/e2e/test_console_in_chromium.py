"""An organiser scores a phase again, sees old and new ranks and publishes; a visitor reads the news and both boards."""

from __future__ import annotations

import re

import pytest

from assay.console.models import Rescore
from tests.e2e.conftest import PHONE, Visit
from tests.unit.assay.console.test_console_pages import make_old, score
from tests.unit.assay.web.world import World

pytestmark = pytest.mark.browser

CONSOLE = "/c/cine-demo/console"
PAGES = (CONSOLE, f"{CONSOLE}/audit", f"{CONSOLE}/news", f"{CONSOLE}/mail", f"{CONSOLE}/pages/rules")


def test_from_a_new_scorer_to_the_news_of_a_new_ranking(world: World, visit: Visit) -> None:
    make_old()
    organiser = visit(world, role="organiser")
    page = organiser.open("/c/cine-demo")
    page.get_by_role("link", name="Console").click()
    page.get_by_role("link", name=re.compile("6 entries await re-scoring")).click()
    page.get_by_label("Why").fill("The crop was off by one row.")
    page.get_by_role("button", name="Score again").click()
    assert "6 still to come" in page.inner_text("main")
    # what an evaluator does meanwhile
    score(Rescore.objects.get(), ssim=0.3)
    page.reload()
    table = page.locator("table", has_text="Old rank")
    assert table.locator("tbody tr").first.inner_text().startswith("6\t4")
    page.get_by_label("to publish").fill("cine-demo")
    page.get_by_role("button", name="Publish").click()
    assert "the new scores count" in page.inner_text("main")

    visitor = visit(size=PHONE)
    news = visitor.open("/c/cine-demo")
    news.get_by_role("link", name=re.compile("was scored again")).click()
    assert "The crop was off by one row." in news.inner_text("main")
    news.get_by_role("link", name="the board after").click()
    assert "as published on" in news.inner_text("main")
    assert news.locator("tbody tr", has_text="Zero-filled").first.inner_text().startswith("4")
    assert organiser.complaints == visitor.complaints == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_of_the_console_is_wider_than_a_phone(address: str, dark: bool, world: World, visit: Visit) -> None:
    organiser = visit(world, role="organiser", size=PHONE, dark=dark)
    organiser.open(address)
    assert organiser.overflow() == 0
    assert organiser.complaints == []
