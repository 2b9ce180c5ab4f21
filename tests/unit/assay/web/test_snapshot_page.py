"""A published board as its readers see it, and what the live board says of it."""

from __future__ import annotations

import csv
import io

import pytest

from assay.leaderboards import services
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import add_scored


@pytest.fixture
def published(world):
    return services.publish(actor=world.people["organiser"], phase=world.phase, now=world.now)


def test_it_shows_the_table_how_it_was_scored_and_the_digest_of_its_file(world, published, client):
    page = read(client.get(f"/c/{world.address}/board/{published.name}"))
    told = published.parsed().board
    assert [row[0] for row in page.rows if row and row[0].isdigit()] == ["1", "2", "3", "4", "5", "6"]
    assert page.row("1")[1].startswith(told.rows[0].method)
    assert page.row("1")[4] == told.rows[0].group
    assert f"sha256:{published.sha256}" in page.text
    assert told.rule in page.text
    assert "KT-net: 2 of 72 cases missing ( MISSING_FILE 2). Each counts as SSIM 0, PSNR 0 dB, NMSE 1;" in page.text
    assert "newer board" not in page.text
    assert (
        len(read(client.get(f"/c/{world.address}/board/{published.name}?columns=all")).row("1"))
        == len(page.row("1")) + 3
    )
    lines = list(
        csv.DictReader(io.StringIO(client.get(f"/c/{world.address}/board/{published.name}.csv").content.decode()))
    )
    assert [line["method"] for line in lines] == [row.method for row in told.rows]


def test_the_live_board_links_to_the_newest_and_shows_who_moved(world, published, client):
    add_scored(world, "Late", team="leeds", ssim=0.99, at=world.now)
    page = read(client.get(f"/c/{world.address}/board"))
    assert f"/c/{world.address}/board/{published.name}" in page.links()
    assert "Change since snapshot" in page.rows[0]
    assert page.row("1")[3] == "new new since the snapshot"
    assert page.row("2")[3] == "▼1 down 1 since the snapshot"
    rows = list(csv.DictReader(io.StringIO(client.get(f"/c/{world.address}/board.csv").content.decode())))
    assert [row[f"change since {published.name}"] for row in rows[:2]] == ["new", "-1"]


def test_an_older_snapshot_links_to_a_newer_one(world, published, client):
    add_scored(world, "Late", team="leeds", ssim=0.99, at=world.now)
    newer = services.publish(actor=world.people["organiser"], phase=world.phase, now=world.now)
    page = read(client.get(f"/c/{world.address}/board/{published.name}"))
    assert f"There is a newer board, {newer.name} ." in page.text
    assert f"/c/{world.address}/board/{newer.name}" in page.links()


def test_the_organiser_publishes_from_the_board_and_nobody_else_can(world, as_role):
    board = f"/c/{world.address}/board"
    assert "Publish a snapshot" in read(as_role(world, "organiser").get(board)).text
    assert "Publish a snapshot" not in read(as_role(world, "captain").get(board)).text
    assert as_role(world, "captain").post(f"{board}/publish").status_code == 403
    assert as_role(world, "anonymous").post(f"{board}/publish").status_code == 302
    answer = as_role(world, "organiser").post(f"{board}/publish", follow=True)
    assert "It never changes." in read(answer).text


def test_a_snapshot_costs_few_queries(world, published, client, django_assert_num_queries):
    with django_assert_num_queries(3):  # the phase, the snapshot, its list
        client.get(f"/c/{world.address}/board/{published.name}")
    with django_assert_num_queries(2):
        client.get(f"/c/{world.address}/board/{published.name}.json")


def test_the_live_board_costs_no_more_queries_with_a_snapshot(world, published, client, django_assert_num_queries):
    services.judge(phase=world.phase, now=world.now)
    with django_assert_num_queries(3):  # at a glance, the phase with its marks, the stored board
        client.get(f"/c/{world.address}/board.json")
