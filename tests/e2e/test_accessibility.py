"""What axe finds on the pages: nothing serious, at a desk and on a phone, in the light and in the dark."""

from __future__ import annotations

from typing import Any

import pytest

from compose.native import ROOT
from tests.e2e.conftest import DESKTOP, PHONE, Visit, Visitor
from tests.e2e.test_pages_in_chromium import addresses
from tests.unit.assay.web.world import World

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: a person who meets one of these cannot use a part of the page, or only with great trouble
GRAVE = {"serious", "critical"}
#: WCAG 2.2, levels A and AA
ASKED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def grave(visitor: Visitor, address: str) -> list[str]:
    """`address rule: element`, of everything grave that axe finds there."""
    page = visitor.open(address)
    # the site's own policy allows no foreign script: it comes in as the test's, beside the page's
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "asked => axe.run(document, {runOnly: asked}).then(told => told.violations)", ASKED
    )
    return [
        f"{address} {rule['id']}: {node['target'][0]} {node['html'][:160]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def all_grave(visitor: Visitor, *places: str) -> str:
    """A line each."""
    return "\n".join(fault for address in places for fault in grave(visitor, address))


def beyond(world: World) -> list[str]:
    """Pages of a board that the common list has not."""
    board = f"/c/{world.address}/board"
    return [f"{board}/compare", f"{board}/charts", f"{board}/cards", f"{board}?find=nobody"]


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
def test_nothing_serious_stands_in_the_way_of_a_team(size: Any, dark: bool, world: World, visit: Visit) -> None:
    visitor = visit(world, role="captain", size=size, dark=dark)
    assert all_grave(visitor, *addresses(world), *beyond(world)) == ""


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, True), (PHONE, False)])
def test_nothing_serious_stands_in_the_way_of_an_organiser(size: Any, dark: bool, world: World, visit: Visit) -> None:
    visitor = visit(world, role="organiser", size=size, dark=dark)
    console = "/c/cine-demo/console"
    pages = [console, f"{console}/mail", f"{console}/audit", f"{console}/pages/rules", "/c/cine-demo/news", "/organise"]
    pages += ["/organise/new", "/organise/data", "/organise/c/cine-demo", f"/c/{world.address}/board"]
    assert all_grave(visitor, *pages) == ""


def test_the_detector_fires(world: World, visit: Visit) -> None:
    visitor = visit(world)
    visitor.open("/boards")
    visitor.page.add_init_script(
        "addEventListener('load', () => document.body.insertAdjacentHTML('beforeend', '<img src=\"/favicon.ico\"><p style=\"color:#eee;background:#fff\">pale</p>'))"
    )
    rules = {fault.split()[1] for fault in grave(visitor, "/boards")}
    assert {"image-alt:", "color-contrast:"} <= rules
