"""Boards that are kept: the same for every stranger, never anybody's own, never a moment too early or too late."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from django.utils import timezone

from assay.challenges.models import Phase
from assay.leaderboards import services
from assay.leaderboards.models import StoredBoard
from assay.leaderboards.snapshots import snapshot_at
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import add_scored

FORMS = ("board", "board.json", "board.csv", "board/embed", "board?stratum=af%3D4", "board?find=varnet&page=1")


@pytest.fixture
def judged(world):
    """The board is stored, as the site's worker does within seconds."""
    services.judge(phase=world.phase, now=timezone.now())
    return world


@pytest.mark.parametrize("form", FORMS)
def test_the_second_stranger_gets_the_bytes_of_the_first_for_one_statement(
    form, judged, client, django_assert_num_queries
):
    address = f"/c/{judged.address}/{form}"
    with django_assert_num_queries(3):  # at a glance, the phase with its marks, the stored board
        first = client.get(address)
    with django_assert_num_queries(1):  # at a glance
        second = client.get(address)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["Content-Type"] == second.headers["Content-Type"]
    assert first.headers.get("Content-Disposition") == second.headers.get("Content-Disposition")


def test_the_api_and_the_page_give_the_same_json(judged, client):
    stored = StoredBoard.objects.get(stratum="").document.encode()
    assert client.get(f"/c/{judged.address}/board.json").content == stored
    assert client.get(f"/api/v1/boards/{judged.address}").content == stored


@pytest.mark.parametrize("form", ["board", "board.json", "board.csv"])
def test_who_has_it_already_is_sent_nothing_again(form, judged, client):
    address = f"/c/{judged.address}/{form}"
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    add_scored(judged, "Late", team="leeds", ssim=0.99, at=judged.now)
    fresh = client.get(address, headers={"if-none-match": tag})
    assert fresh.status_code == 200
    assert b"Late" in fresh.content


def test_a_browser_that_takes_gzip_gets_the_same_page_smaller(judged, client):
    address = f"/c/{judged.address}/board"
    plain = client.get(address)
    packed = client.get(address, headers={"accept-encoding": "br, gzip"})
    refused = client.get(address, headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content == refused.content
    assert len(packed.content) < len(plain.content) / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_head_says_what_a_get_would_send(judged, client):
    for address in (f"/c/{judged.address}/board", f"/api/v1/boards/{judged.address}", f"/c/{judged.address}/board.csv"):
        got, told = client.get(address), client.head(address)
        assert told.status_code == 200
        assert told.content == b""
        assert {name: got.headers[name] for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control")} == {
            name: told.headers[name] for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control")
        }


def test_own_rows_and_links_never_reach_another_reader(judged, as_role, client):
    address = f"/c/{judged.address}/board"
    for role in ("member", "organiser"):
        own = as_role(judged, role).get(address)
        assert own.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in own.headers
    stranger = client.get(address)
    assert "you" not in read(stranger).row("2")[1]
    assert "Publish a snapshot" not in stranger.content.decode()
    again = read(as_role(judged, "member").get(address))
    assert again.row("2")[1].split("Gdańsk")[0].strip().endswith("you")
    assert "Sign out" in again.text


def test_a_token_is_not_a_stranger(judged, client):
    refused = client.get(f"/api/v1/boards/{judged.address}", headers={"authorization": "Bearer assay_wrong"})
    assert refused.status_code == 401


def test_readers_of_the_dark_page_do_not_share_it_with_those_of_the_light_one(judged, client):
    address = f"/c/{judged.address}/board"
    assert 'data-bs-theme="dark"' not in client.get(address).content.decode()
    client.cookies["assay-theme"] = "dark"
    assert 'data-bs-theme="dark"' in client.get(address).content.decode()


@pytest.mark.parametrize("form", FORMS)
def test_a_kept_board_that_is_put_off_is_hidden_at_once_and_its_tag_opens_nothing(form, judged, client):
    address = f"/c/{judged.address}/{form}"
    seen = client.get(address)
    Phase.objects.update(board_from=timezone.now() + timedelta(days=1))
    hidden = client.get(address)
    guessed = client.get(address, headers={"if-none-match": seen.headers["ETag"]})
    assert (hidden.status_code, guessed.status_code) == (403, 403)
    assert "ETag" not in hidden.headers
    assert b"PromptNet" not in hidden.content
    Phase.objects.update(board_from=timezone.now())
    assert client.get(address).content == seen.content


def test_a_withdrawn_entry_leaves_at_once(judged, client):
    address = f"/c/{judged.address}/board.json"
    assert client.get(address).json()["rows"][0]["method"] == "PromptNet"
    entry = judged.submissions["PromptNet"]
    entry.withdrawn_at = timezone.now()
    entry.save()
    assert "PromptNet" not in [row["method"] for row in client.get(address).json()["rows"]]


def test_a_page_never_mixes_two_boards(judged, client):
    services.publish(actor=judged.people["organiser"], phase=judged.phase, now=judged.now)
    services.judge(phase=judged.phase, now=timezone.now())
    first = client.get(f"/c/{judged.address}/board.json").json()
    assert first["since"]
    add_scored(judged, "Late", team="leeds", ssim=0.99, at=judged.now)
    between = client.get(f"/c/{judged.address}/board.json").json()
    assert between["certainty"]["state"] == "waiting"
    assert {row["rank_low"] for row in between["rows"]} == {None}
    services.judge(phase=judged.phase, now=timezone.now())
    after = client.get(f"/c/{judged.address}/board.json").json()
    assert after["certainty"]["state"] == "ready"
    assert all(row["rank_low"] is not None for row in after["rows"])


def test_a_snapshot_is_of_the_stored_board_without_what_has_changed(judged):
    first = services.publish(actor=judged.people["organiser"], phase=judged.phase, now=judged.now)
    services.judge(phase=judged.phase, now=timezone.now())
    assert services.publish(actor=judged.people["organiser"], phase=judged.phase, now=judged.now) == first
    told = snapshot_at(phase=judged.phase, name=first.name, viewer=None, now=judged.now).parsed().board
    assert told.since == ""
    assert {(row.change, row.new) for row in told.rows} == {(None, False)}
