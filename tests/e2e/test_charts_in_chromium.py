"""The charts of a board and the table beneath each, in Chromium."""

from __future__ import annotations

from typing import Any

import pytest

from assay.leaderboards.services import judge
from tests.e2e.conftest import DESKTOP, PHONE, Visit, Visitor
from tests.unit.assay.web.world import World

pytestmark = pytest.mark.browser
CHARTS = ("stability", "distribution", "tradeoff")


@pytest.fixture
def judged(world: World) -> World:
    """With how sure the ranks are, and data whose single cases may be seen."""
    _open_and_judge(world)
    return world


def _open_and_judge(world: World) -> None:
    world.phase.ranked.is_public = True
    world.phase.ranked.save()
    judge(phase=world.phase, now=world.now)


def charts(visitor: Visitor, world: World) -> Any:
    """Go down the board until its charts have come."""
    page = visitor.open(f"/c/{world.address}/board")
    page.locator("#charts").scroll_into_view_if_needed()
    page.locator("#charts [data-chart] svg").first.wait_for()
    return page


def test_a_visitor_sees_each_chart_of_the_board_drawn_with_its_methods(judged: World, visit: Visit) -> None:
    visitor = visit()
    page = charts(visitor, judged)
    for kind in CHARTS:
        drawn = page.locator(f"[data-chart={kind}] svg").first
        assert "PromptNet" in (drawn.text_content() or ""), kind
        assert "◆ U-Net" in (drawn.text_content() or ""), kind
    marks = "kind => echarts.getInstanceByDom(document.querySelector(`[data-chart=${kind}]`)).getOption().series.map(one => one.data.length)"
    told = visitor.page.request.get(f"{visitor.site}/c/{judged.address}/board/charts.json").json()
    discs = sum(len(row["shares"]) for row in told["stability"]["rows"])
    assert page.evaluate(marks, "stability") == [0, discs, 6]
    assert page.evaluate(marks, "distribution") == [0, 0, 6 * 72 - 2, 6]
    assert page.evaluate(marks, "tradeoff") == [6]
    assert visitor.complaints == []


def test_the_table_beneath_says_what_the_json_says(judged: World, visit: Visit) -> None:
    visitor = visit()
    page = charts(visitor, judged)
    told = visitor.page.request.get(f"{visitor.site}/c/{judged.address}/board/charts.json").json()
    for summary in page.locator("#charts summary").all():
        summary.focus()
        page.keyboard.press("Enter")

    def cells(kind: str) -> list[list[str]]:
        rows = page.locator(f"#{kind}-table tbody tr").all()
        return [[cell.inner_text().strip() for cell in row.locator("td, th").all()] for row in rows]

    for row, line in zip(told["stability"]["rows"], cells("stability"), strict=True):
        assert line[1].endswith(row["method"]["method"])
        assert line[2:4] == [
            f"{row['median']:g}", f"{row['low']:g}" if row["low"] == row["high"] else f"{row['low']:g}–{row['high']:g}"
        ]  # fmt: skip
        assert line[4].count("%") == len(row["shares"])
    for row, line in zip(told["distribution"]["rows"], cells("distribution"), strict=True):
        assert line[2:] == [*(f"{one:.3f}" for one in row["quantiles"]), str(row["cases"]), str(row["missing"])]
    for row, line in zip(told["tradeoff"]["rows"], cells("tradeoff"), strict=True):
        assert line[2] == f"{row['score']:.3f}"
        assert float(line[3]) == pytest.approx(row["seconds_a_case"], abs=0.005)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_the_charts_fit_their_window_and_take_its_colours(
    size: tuple[int, int], dark: bool, judged: World, visit: Visit
) -> None:
    visitor = visit(judged, role="captain", size=size, dark=dark)
    page = charts(visitor, judged)
    assert visitor.overflow() <= 0
    word = page.locator("[data-chart=stability] svg text", has_text="PromptNet").first
    assert word.get_attribute("fill") == ("#e6e9ed" if dark else "#1c2127")
    assert "(you)" in (page.locator("[data-chart=stability] svg").text_content() or "")
    assert visitor.complaints == []


def test_another_metric_is_one_link_away_and_keeps_the_place(judged: World, visit: Visit) -> None:
    page = charts(visit(), judged)
    page.locator("#charts").get_by_role("link", name="NMSE", exact=True).click()
    page.locator("#charts [data-chart] svg").first.wait_for()
    assert page.locator("#distribution-title").inner_text() == "NMSE, case by case"


def test_without_javascript_the_charts_page_holds_every_number(judged: World, visit: Visit) -> None:
    page = visit(javascript=False).open(f"/c/{judged.address}/board")
    page.get_by_role("link", name="Rank stability, case by case, time and memory").click()
    for kind in CHARTS:
        assert "PromptNet" in page.locator(f"#{kind}-table").inner_text()


def test_a_name_in_a_chart_is_text(world: World, visit: Visit) -> None:
    entry = world.submissions["PromptNet"]
    entry.method = "<b class=injected>Prompt</b>"
    entry.save()
    _open_and_judge(world)
    page = charts(visit(), world)
    for kind in CHARTS:
        page.evaluate(
            "kind => { const one = echarts.getInstanceByDom(document.querySelector(`[data-chart=${kind}]`));"
            " const last = one.getOption().series.length - 1;"
            " one.dispatchAction({type: 'showTip', seriesIndex: kind === 'distribution' ? last : last && 1, dataIndex: 0}); }",
            kind,
        )
    assert "<b class=injected>" in (page.locator("#charts").text_content() or "")
    assert page.locator(".injected").count() == 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_a_team_sees_its_own_cases_over_the_field(
    size: tuple[int, int], dark: bool, world: World, visit: Visit
) -> None:
    everybody, team = {"sight": "distribution", "from": None}, {"sight": "table", "from": None}
    world.phase.case_show = {"public": everybody, "team": team}
    world.phase.save()
    visitor = visit(world, role="captain", size=size, dark=dark)
    page = visitor.open(f"/s/{world.submissions['VarNet-XL with learned coil sensitivities'].code}")
    drawn = page.locator("[data-chart=distribution] svg").text_content() or ""
    assert "(you)" in drawn
    assert "5 other" in drawn
    series = "echarts.getInstanceByDom(document.querySelector('[data-chart]')).getOption().series.map(one => one.data.length)"
    assert page.evaluate(series) == [1, 24, 72, 2]
    assert visitor.overflow() <= 0
    assert visitor.complaints == []
