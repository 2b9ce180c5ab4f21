"""What a team reads of its scored entry: where it stands, and its cases as far as the phase shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache

from assay.leaderboards.services import judge
from tests.unit.assay.web.reading import Page, read
from tests.unit.assay.web.world import add_scored

MINE = "VarNet-XL with learned coil sensitivities"
LOSSY = "KT-net"


@pytest.fixture
def page_of(world, as_role):
    def open_page(method: str = MINE, role: str = "captain", query: str = "") -> Page:
        return read(as_role(world, role).get(f"/s/{world.submissions[method].code}{query}"))

    return open_page


def show(world: Any, **sights: str) -> None:
    world.phase.case_show = {who: {"sight": sight, "from": None} for who, sight in sights.items()}
    world.phase.save()


def cloud(world: Any, client: Any, method: str = MINE) -> dict[str, Any]:
    """What the chart is drawn from."""
    text = client.get(f"/s/{world.submissions[method].code}").content.decode()
    told = text.partition('<script id="charts-data" type="application/json">')[2].partition("<")[0]
    found: dict[str, Any] = json.loads(told)["distribution"]
    return found


def single_cases(page: Page) -> list[list[str]]:
    return [row for row in page.rows if row and row[0].startswith("case ")]


def test_the_first_sentence_says_the_rank_how_sure_it_is_and_who_is_as_good(world, page_of, client):
    judge(phase=world.phase, now=world.now)
    row = next(one for one in client.get(f"/c/{world.address}/board.json").json()["rows"] if one["method"] == MINE)
    assert row["rank_low"] < row["rank_high"]
    told = f"Rank {row['rank']:g} of 6, could be {row['rank_low']:g} to {row['rank_high']:g} in 95 % of the resamples; not told apart from 1 other."
    assert told in page_of().text
    assert page_of().text.index("Rank 2 of 6") < page_of().text.index("queued")


def test_a_method_that_the_test_tells_apart_is_said_to_be(world, page_of):
    judge(phase=world.phase, now=world.now)
    last = page_of("Zero-filled", role="organiser").text
    assert "Rank 6 of 6, and 6 in 95 % of the resamples; told apart from every other method." in last


def test_of_hidden_data_no_case_is_shown_unless_the_phase_does(world, page_of):
    assert single_cases(page_of()) == []
    assert "is not shown for this phase" in page_of().text
    show(world, team="table")
    assert len(single_cases(page_of())) == 72
    show(world, public="table")
    assert len(single_cases(page_of())) == 72
    show(world, team="distribution")
    assert single_cases(page_of()) == []


def test_cases_stand_worst_first_and_failures_above_with_their_code(world, page_of):
    show(world, team="table")
    rows = single_cases(page_of(LOSSY, role="outsider"))
    assert [row[0] for row in rows[:2]] == ["case 06", "case 32"]
    assert all("MISSING_FILE" in row[1] and row[2] == "–" for row in rows[:2])
    scores = [float(row[2]) for row in rows[2:]]
    assert scores == sorted(scores)
    assert rows[2][1].startswith("Acceleration 10, View ")


def test_the_cloud_lies_over_the_field_where_that_may_be_seen(world, as_role):
    show(world, team="table", public="distribution")
    found = cloud(world, as_role(world, "captain"))
    own, field = found["rows"]
    assert (own["cases"], len(own["points"]), own["method"]["rank"]) == (72, 72, 2)
    assert (field["method"]["method"], field["cases"], field["missing"]) == (
        "5 other methods of the board",
        5 * 72 - 2,
        2,
    )
    assert field["points"] is None
    show(world, team="table")
    assert [row["method"]["submission"] for row in cloud(world, as_role(world, "captain"))["rows"]] == [
        world.submissions[MINE].code
    ]


def test_of_the_field_no_case_is_told_apart_even_where_cases_are_shown(world, as_role):
    show(world, team="table", public="table")
    _, field = cloud(world, as_role(world, "captain"))["rows"]
    assert field["points"] is None


def test_before_the_board_is_public_there_is_neither_field_nor_baseline(world, as_role, page_of):
    show(world, team="table", public="table")
    world.phase.board_from = world.now.replace(year=world.now.year + 1)
    world.phase.save()
    assert len(cloud(world, as_role(world, "captain"))["rows"]) == 1
    assert "The board is not public yet." in page_of().text
    assert "◆" not in " ".join(page_of().row("All cases"))


def test_another_metric_of_the_cloud_is_one_link_away(world, page_of):
    show(world, team="table")
    assert "?chart=psnr#charts" in page_of().links()
    assert "PSNR, case by case" in page_of(query="?chart=psnr").text


def test_the_page_costs_the_same_queries_however_long_the_board_is(
    world, as_role, django_assert_num_queries, django_assert_max_num_queries
):
    show(world, team="table", public="table")
    client = as_role(world, "captain")
    address = f"/s/{world.submissions[MINE].code}"
    with django_assert_max_num_queries(20) as counted:
        client.get(address)
    for number in range(8):
        add_scored(world, f"Method {number}", team="leeds", ssim=0.9, at=world.now)
    cache.clear()
    with django_assert_num_queries(len(counted.captured_queries)):
        client.get(address)
