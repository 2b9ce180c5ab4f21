"""Comparing two methods and reading a published board, in Chromium."""

from __future__ import annotations

import pytest

from assay.leaderboards.services import judge, publish
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.unit.assay.web.world import World, add_scored

pytestmark = pytest.mark.browser


def test_a_visitor_compares_two_methods_chosen_on_the_board(world: World, visit: Visit) -> None:
    judge(phase=world.phase, now=world.now)
    visitor = visit()
    page = visitor.open(f"/c/{world.address}/board")
    page.get_by_label("Compare", exact=True).select_option(label="PromptNet, Leeds")
    page.get_by_label("with", exact=True).select_option(label="U-Net, Assay baselines")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").inner_text() == "PromptNet against U-Net"
    drawn = page.locator("#pair-canvas svg").text_content() or ""
    assert "All cases" in drawn
    assert "Acceleration 10" in drawn
    page.get_by_role("link", name="NMSE ↓", exact=True).click()
    page.wait_for_load_state("networkidle")
    assert "NMSE" in page.locator("#figure-title").inner_text()
    assert visitor.complaints == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_of_a_board_is_wider_than_its_window(
    size: tuple[int, int], dark: bool, world: World, visit: Visit
) -> None:
    kept = publish(actor=world.people["organiser"], phase=world.phase, now=world.now)
    add_scored(world, "Late", team="leeds", ssim=0.99, at=world.now)
    judge(phase=world.phase, now=world.now)
    board = f"/c/{world.address}/board"
    pair = "&".join(f"{name}={world.submissions[method].code}" for name, method in (("a", "Late"), ("b", "KT-net")))
    visitor = visit(world, role="organiser", size=size, dark=dark)
    for address in (board, f"{board}/{kept.name}", f"{board}/compare?{pair}", f"{board}/embed", f"{board}/compare"):
        visitor.open(address)
        assert visitor.overflow() <= 0, address
    assert visitor.complaints == []


def test_a_published_board_is_reached_from_the_live_one_and_stays(world: World, visit: Visit) -> None:
    organiser = visit(world, role="organiser")
    page = organiser.open(f"/c/{world.address}/board")
    page.get_by_role("button", name="Publish a snapshot").click()
    page.wait_for_load_state("networkidle")
    before = page.locator("table.board").inner_text()
    add_scored(world, "Late", team="leeds", ssim=0.99, at=world.now)
    reader = visit(javascript=False)
    page = reader.open(f"/c/{world.address}/board")
    assert "Late" in page.locator("table.board").inner_text()
    page.get_by_role("link", name="Snapshot 2").click()
    assert page.locator("table.board").inner_text() == before
    assert "It never changes." in page.locator(".state").inner_text()


def test_without_javascript_a_comparison_is_whole(world: World, visit: Visit) -> None:
    pair = "&".join(f"{name}={world.submissions[method].code}" for name, method in (("a", "U-Net"), ("b", "KT-net")))
    page = visit(javascript=False).open(f"/c/{world.address}/board/compare?{pair}")
    assert page.locator("table").count() == 2
    assert "Acceleration 4" in page.locator("#figure").inner_text()


def test_a_title_in_the_figure_of_a_pair_is_text(world: World, visit: Visit) -> None:
    task = world.phase.task
    task.spec["strata"]["af"]["title"] = "<b class=injected>Factor</b>"
    task.save()
    pair = "&".join(f"{name}={world.submissions[method].code}" for name, method in (("a", "U-Net"), ("b", "KT-net")))
    page = visit().open(f"/c/{world.address}/board/compare?{pair}")
    for row in range(8):
        page.evaluate(
            "row => echarts.getInstanceByDom(document.getElementById('pair-canvas'))"
            ".dispatchAction({type: 'showTip', seriesIndex: 1, dataIndex: row})",
            row,
        )
        tip = page.locator("#pair-canvas > div").last
        if "Factor" in (tip.text_content() or ""):
            break
    assert (tip.text_content() or "").startswith("<b class=injected>Factor</b>")
    assert page.locator(".injected").count() == 0


def test_the_table_of_a_pair_fits_a_desktop_with_a_long_name(world: World, visit: Visit) -> None:
    judge(phase=world.phase, now=world.now)
    long = "VarNet-XL with learned coil sensitivities"
    pair = "&".join(f"{name}={world.submissions[method].code}" for name, method in (("a", "PromptNet"), ("b", long)))
    page = visit(size=DESKTOP).open(f"/c/{world.address}/board/compare?{pair}")
    beyond = "one => one.closest('.scroller').scrollWidth - one.closest('.scroller').clientWidth"
    assert page.locator("#pair-caption").evaluate(beyond) <= 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_title_of_a_pairs_axis_is_whole_and_inside_the_figure(
    size: tuple[int, int], world: World, visit: Visit
) -> None:
    long = "VarNet-XL with learned coil sensitivities"
    pair = "&".join(f"{name}={world.submissions[method].code}" for name, method in (("a", "PromptNet"), ("b", long)))
    page = visit(size=size).open(f"/c/{world.address}/board/compare?{pair}&metric=psnr")
    texts = page.locator("#pair-canvas svg text")
    figure = page.locator("#pair-canvas").bounding_box()
    assert figure is not None
    written = " ".join(texts.all_text_contents())
    for word in f"PSNR ↑, PromptNet minus {long} (dB)".split():
        assert word in written
    for number in range(texts.count()):
        box = texts.nth(number).bounding_box()
        assert box is not None
        assert figure["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= figure["x"] + figure["width"] + 1
        assert box["y"] + box["height"] <= figure["y"] + figure["height"] + 1
