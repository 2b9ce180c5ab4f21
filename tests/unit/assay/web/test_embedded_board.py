"""The board in a frame on another site: the one page that may be framed, and always as anybody sees it."""

from __future__ import annotations

import pytest

from assay.challenges.models import Phase
from assay.leaderboards import services
from tests.unit.assay.web.reading import read


@pytest.mark.parametrize("which", ["", "?columns=all", "?stratum=af%3D10"])
def test_it_has_the_rows_of_the_board_and_nothing_that_acts(which, world, client):
    answer = client.get(f"/c/{world.address}/board/embed{which}")
    page, whole = read(answer), read(client.get(f"/c/{world.address}/board{which}"))
    assert [row[:5] for row in page.rows if row[0].isdigit()] == [
        row[:5] for row in whole.rows if row and row[0].isdigit()
    ]
    assert (page.all("header"), page.all("script"), page.all("form"), page.all("button")) == ([], [], [], [])
    assert any(link.endswith(f"/c/{world.address}/board") for link in page.links())


def test_it_alone_may_be_framed(world, client):
    board = f"/c/{world.address}/board"
    framed, whole = client.get(f"{board}/embed"), client.get(board)
    assert "X-Frame-Options" not in framed.headers
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    assert "script-src 'none'" in framed.headers["Content-Security-Policy"]
    assert whole.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in whole.headers["Content-Security-Policy"]


def test_an_organiser_sees_no_more_in_it_than_anybody(world, as_role):
    Phase.objects.update(board_from="2100-01-01T00:00:00Z")
    assert as_role(world, "organiser").get(f"/c/{world.address}/board").status_code == 200
    assert as_role(world, "organiser").get(f"/c/{world.address}/board/embed").status_code == 403


@pytest.mark.parametrize("role", ["anonymous", "captain"])
@pytest.mark.parametrize("ending", ["embed", "embed?stratum=none", "2020-01-01-1/embed"])
def test_a_refusal_in_a_frame_has_nothing_that_acts_either(ending, role, world, as_role):
    if ending == "embed":
        Phase.objects.update(board_from="2100-01-01T00:00:00Z")
    answer = as_role(world, role).get(f"/c/{world.address}/board/{ending}")
    assert answer.status_code in {403, 404}
    page = read(answer)
    assert (page.all("header"), page.all("script"), page.all("form"), page.all("button")) == ([], [], [], [])
    if ending == "embed":
        assert "It is published on 2100-01-01 00:00 UTC." in page.text


def test_a_table_without_rows_says_why(world, client):
    board = f"/c/{world.address}/board/embed"
    assert "Nothing matches “nobody”." in read(client.get(f"{board}?find=nobody")).text
    world.phase.submissions.filter(is_baseline=False).delete()
    page = read(client.get(f"{board}?baselines=hide"))
    assert "Only baselines stand here, and they are hidden." in page.text
    assert "?" in page.links()
    world.phase.submissions.all().delete()
    page = read(client.get(board))
    assert "No method has been scored yet." in page.text
    assert "Nothing matches" not in page.text


def test_a_snapshot_has_its_own(world, client):
    kept = services.publish(actor=world.people["organiser"], phase=world.phase, now=world.now)
    world.phase.submissions.all().delete()
    page = read(client.get(f"/c/{world.address}/board/{kept.name}/embed"))
    assert len([row for row in page.rows if row and row[0].isdigit()]) == 6
    assert f"as published on {kept.name[:10]}" in page.text


def test_it_costs_no_more_queries_than_the_board(world, client, django_assert_num_queries):
    with django_assert_num_queries(6):
        client.get(f"/c/{world.address}/board/embed")


def test_the_twin_says_what_every_option_computes(world, client):
    columns = {one["key"]: one for one in client.get(f"/c/{world.address}/board.json").json()["columns"]}
    region = next(one for one in columns["ssim"]["variant"] if one["name"] == "region")
    assert region["value"] == "challenge crop"
    assert region["text"]
    assert columns["psnr"]["missing"] == "0 dB"
    assert columns["ssim_full"]["missing"] == ""
    assert columns["ssim_full"]["shown"] == "more"
