"""The pages in a real browser: layout at desk and on a phone, keyboard, display, live parts, and life without JavaScript."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from evaluators.contract.docker_line import printed_line
from evaluators.contract.states import EvaluationState
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.unit.assay.web.samples import draw_sample
from tests.unit.assay.web.world import World, add_scored

pytestmark = pytest.mark.browser

DARK_GROUND, LIGHT_GROUND = "rgb(20, 24, 29)", "rgb(255, 255, 255)"


def addresses(world: World) -> list[str]:
    phase = f"/c/{world.address}"
    methods = ("VarNet-XL with learned coil sensitivities", "Cascade-8", "Cascade-12", "Our fault", "Called off")
    return [
        "/", "/boards", "/c/cine-demo", "/c/cine-demo/cine-multicoil", phase, f"{phase}/board",
        f"{phase}/board?columns=all&stratum=af%3D10", f"{phase}/board?wide=yes&columns=all", f"{phase}/sample", "/submit", "/status",
        "/help", "/help/OOM_RAM", "/account/teams", "/account/tokens",
        *(f"/s/{world.submissions[method].code}" for method in methods),
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, False), (PHONE, True)])
def test_no_page_is_wider_than_its_window_and_none_complains(size, dark, world: World, visit: Visit) -> None:
    visitor = visit(world, role="captain", size=size, dark=dark)
    for address in addresses(world):
        page = visitor.open(address)
        assert visitor.overflow() <= 0, address
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("main")).to_be_visible()
    assert visitor.complaints == []


def test_a_phone_shows_rank_method_and_one_metric_and_switches_it_by_link(world: World, visit: Visit) -> None:
    page = visit(size=PHONE).open(f"/c/{world.address}/board")
    first = page.locator("table.board tbody tr").first
    expect(first.locator("td.rank")).to_be_visible()
    expect(first.locator("th.name")).to_contain_text("PromptNet")
    expect(first.locator("td.number:visible")).to_have_count(1)
    ssim = first.locator("td.number:visible").inner_text()
    page.get_by_role("link", name="PSNR ↑", exact=True).locator("visible=true").first.click()
    shown = page.locator("table.board tbody tr").first.locator("td.number:visible")
    expect(shown).to_have_count(1)
    assert float(shown.inner_text()) > 10 > float(ssim)


@pytest.mark.parametrize("width", [390, 700])
def test_rank_and_name_stay_while_the_other_columns_scroll_by(width: int, world: World, visit: Visit) -> None:
    page = visit(size=(width, 844)).open(f"/c/{world.address}/board?wide=yes&columns=all")
    region = page.locator(".scroller.tall")
    row = page.locator("table.board tbody tr").nth(2)
    before = [row.locator(cell).bounding_box() for cell in ("td.rank", "th.name")]
    region.evaluate("region => { region.scrollLeft = region.scrollWidth; }")
    after = [row.locator(cell).bounding_box() for cell in ("td.rank", "th.name")]
    assert region.evaluate("region => region.scrollLeft") > 100
    assert [box["x"] for box in before if box] == [box["x"] for box in after if box]
    assert page.locator("table.board thead th").last.bounding_box()["x"] < width  # type: ignore[index]


def test_the_header_of_a_long_board_stays_in_sight(world: World, visit: Visit) -> None:
    for number in range(40):
        add_scored(world, f"Method {number}", team="leeds", ssim=0.9, at=world.now)
    page = visit().open(f"/c/{world.address}/board")
    region = page.locator(".scroller.tall")
    region.scroll_into_view_if_needed()
    region.evaluate("region => { region.scrollTop = region.scrollHeight; region.scrollIntoView(); }")
    top, head = region.bounding_box(), page.locator("table.board thead th.name").bounding_box()
    assert top is not None
    assert head is not None
    assert abs(head["y"] - top["y"]) < 3
    expect(page.locator("table.board tbody tr").last).to_be_in_viewport()


def test_the_keyboard_reaches_content_first_then_the_board_and_its_links(world: World, visit: Visit) -> None:
    page = visit(size=DESKTOP).open(f"/c/{world.address}/board")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    outline = page.locator(":focus").evaluate("link => getComputedStyle(link).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.className + ' ' + document.activeElement.textContent.trim()")
        )
    assert any(name.startswith("scroller") for name in reached)
    assert any(name.endswith("E2E-VarNet") for name in reached)
    assert any("Find" not in name and name.endswith("SSIM ↑") for name in reached)


def test_the_account_menu_opens_and_closes_by_keyboard(world: World, visit: Visit) -> None:
    page = visit(world, role="captain").open("/help")
    summary = page.locator("details.menu:visible > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="My tokens")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="My tokens")).to_be_hidden()
    expect(summary).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_first_paint_follows_the_cookie_then_the_system(javascript: bool, world: World, visit: Visit) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    visitor = visit(dark=True, javascript=javascript)
    assert visitor.open("/help").evaluate(ground) == DARK_GROUND
    visitor.page.locator("footer button", has_text="light").click()
    assert visitor.page.evaluate(ground) == LIGHT_GROUND
    assert visitor.open("/boards").evaluate(ground) == LIGHT_GROUND
    visitor.page.locator("footer button", has_text="system").click()
    assert visitor.page.evaluate(ground) == DARK_GROUND


def test_a_running_submission_moves_on_before_ones_eyes_and_ends_with_its_result(world: World, visit: Visit) -> None:
    submission = world.submissions["Cascade-12"]
    visitor = visit(world, role="captain")
    page = visitor.open(f"/s/{submission.code}")
    expect(page.locator(".state")).to_contain_text("files present 44 of 72")
    evaluation = submission.evaluation
    evaluation.progress = {**evaluation.progress, "files_present": 60}
    evaluation.save()
    expect(page.locator(".state")).to_contain_text("files present 60 of 72", timeout=8000)
    evaluation.state, evaluation.worker, evaluation.lease_until = EvaluationState.FAILED.value, None, None
    evaluation.failure = {"code": "TIMEOUT", "detail": ""}
    evaluation.save()
    expect(page.locator("#failure")).to_contain_text("still running when its time was up", timeout=8000)
    expect(page.get_by_role("link", name="Submit again")).to_be_visible()
    expect(page).to_have_title(f"{submission.code} failed · Cascade-12 · Assay")
    assert visitor.complaints == []


def test_without_javascript_the_board_is_whole_and_the_live_page_reloads(world: World, visit: Visit) -> None:
    visitor = visit(world, role="captain", javascript=False)
    page = visitor.open(f"/c/{world.address}/board")
    assert page.locator("table.board tbody tr").count() == 6
    page.get_by_role("link", name="hide", exact=True).click()
    assert page.locator("table.board tbody tr").count() == 3
    assert page.locator("#figure table tbody tr").count() == 6
    page = visitor.open(f"/s/{world.submissions['Cascade-12'].code}")
    assert page.locator("noscript").count() == 1 or page.locator('meta[http-equiv="refresh"]').count() == 1
    assert page.locator("[data-copy]:visible").count() == 0


def test_copying_gives_the_docker_line_byte_for_byte(world: World, visit: Visit) -> None:
    visitor = visit()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(f"/c/{world.address}")
    button = page.locator(".command", has_text="docker run").locator("[data-copy]")
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == printed_line(limits=world.phase.parsed_limits())


def test_the_figure_is_drawn_and_names_every_method_beside_its_line(world: World, visit: Visit) -> None:
    page = visit().open(f"/c/{world.address}/board")
    figure = page.locator("#figure-canvas svg")
    expect(figure).to_be_visible()
    for name in ("PromptNet", "KT-net", "E2E-VarNet", "Zero-filled"):
        expect(figure.locator("text", has_text=name)).to_have_count(1)
    heights = sorted(
        box["y"] for box in (label.bounding_box() for label in figure.locator("text", has_text="Net").all()) if box
    )
    assert all(below - above > 12 for above, below in pairwise(heights))


def test_the_figures_axis_stands_to_scale_where_the_property_is_a_number(world: World, visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(f"/c/{world.address}/board?chart=nmse&by=af")
    figure = page.locator("#figure-canvas svg")
    places = [figure.locator("text", has_text=re.compile(rf"^{factor}$")).bounding_box() for factor in (4, 8, 10)]
    first, second, third = (box["x"] + box["width"] / 2 for box in places if box)
    assert (second - first) / (third - second) == pytest.approx(2, abs=0.1)
    page = visitor.open(f"/c/{world.address}/board?chart=nmse&by=view")
    expect(figure.locator("text", has_text="long axis")).to_be_visible()
    assert visitor.complaints == []


@pytest.fixture
def drawn(world: World, settings: Any, tmp_path: Path) -> World:
    """The world with pictures of its public sample."""
    settings.BLOB_ROOT = tmp_path / "blobs"
    draw_sample(world, "Zero-filled", "E2E-VarNet")
    return world


def _shown(page: Page) -> list[str]:
    """The picture on each canvas."""
    return [str(canvas.evaluate("canvas => canvas.toDataURL()")) for canvas in page.locator(".shot canvas").all()]


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
def test_the_cine_plays_pauses_and_steps_by_mouse_and_keyboard(size, dark, drawn: World, visit: Visit) -> None:
    visitor = visit(size=size, dark=dark)
    page = visitor.open(f"/c/{drawn.address}/sample")
    told, play = page.locator("[data-told]"), page.get_by_role("button", name="Play")
    expect(told).to_have_text("frame 1 of 6")
    first = _shown(page)
    assert len(first) == 3
    page.locator("[data-cine]").focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text("frame 2 of 6")
    # all three show the same frame, and it is another one
    assert all(now != before for now, before in zip(_shown(page), first, strict=True))
    page.keyboard.press("ArrowLeft")
    assert _shown(page) == first
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text("frame 6 of 6")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(told).not_to_have_text("frame 6 of 6")
    page.get_by_role("button", name="Pause").click()
    expect(play).to_be_visible()
    page.locator("[data-frame]").fill("4")
    expect(told).to_have_text("frame 4 of 6")
    assert visitor.overflow() <= 0
    assert visitor.complaints == []


def test_without_javascript_the_viewer_shows_every_frame_and_no_dead_button(drawn: World, visit: Visit) -> None:
    page = visit(javascript=False).open(f"/c/{drawn.address}/sample")
    assert page.locator(".shot img:visible").count() == 3
    assert page.locator(".cine-bar:visible").count() == 0
    page.get_by_role("link", name="Zero-filled").click()
    expect(page.locator("figcaption").nth(2)).to_have_text("Error of Zero-filled")


def test_the_api_documentation_works_under_the_sites_own_policy(world: World, visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/api/docs")
    expect(page.get_by_text("/api/v1/submissions", exact=True).first).to_be_visible()
    assert visitor.complaints == []
