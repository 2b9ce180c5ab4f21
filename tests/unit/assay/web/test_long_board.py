"""A board of more rows than a page: pages in the address, own and pinned rows in sight, the site's worker ahead of its readers."""

from __future__ import annotations

import pytest
from django.utils import timezone

from assay.leaderboards import page as pages
from assay.leaderboards import services, stored
from assay.leaderboards.errors import BoardWaiting
from tests.unit.assay.web.reading import Page, read
from tests.unit.assay.web.world import add_scored


@pytest.fixture
def long(world, monkeypatch):
    """Six methods on pages of two."""
    monkeypatch.setattr(pages, "PAGE", 2)
    return world


@pytest.fixture
def large(world, monkeypatch):
    """Its size is that of a board which nobody is made to wait for."""
    services.judge(phase=world.phase, now=timezone.now())
    monkeypatch.setattr(stored, "_SMALL", 10)
    return world


def ranks(page: Page) -> list[str]:
    return [row[0] for row in page.rows if row and row[0].isdigit()]


def test_each_page_has_its_rows_and_leads_to_the_others(long, client):
    board = f"/c/{long.address}/board"
    assert [ranks(read(client.get(f"{board}?page={n}"))) for n in (1, 2, 3)] == [["1", "2"], ["3", "4"], ["5", "6"]]
    second = read(client.get(f"{board}?page=2&columns=all"))
    assert "Rows 3 to 4 of 6" in second.text
    assert {"?columns=all", "?columns=all&page=3"} <= set(second.links())


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "٣", "1" * 9])
def test_a_page_that_is_not_there_is_the_nearest_one(page, long, client):
    shown = ranks(read(client.get(f"/c/{long.address}/board?page={page}")))
    assert shown == (["5", "6"] if page == "99" else ["1", "2"])


def test_own_rows_are_in_sight_on_every_page_once(long, as_role):
    board = f"/c/{long.address}/board"
    member = as_role(long, "member")
    assert ranks(read(member.get(board))) == ["1", "2"]
    assert ranks(read(member.get(f"{board}?page=3"))) == ["2", "5", "6"]
    assert ranks(read(member.get(f"{board}?find=prompt"))) == ["2", "1"]


def test_a_pinned_row_stays_through_pages_order_and_search(long, client):
    board, code = f"/c/{long.address}/board", long.submissions["KT-net"].code
    assert f"?pin={code}&page=2" in read(client.get(f"{board}?page=2")).links()
    for query in (f"pin={code}", f"pin={code.lower()}&sort=-ssim&page=2", f"pin={code}&find=prompt"):
        page = read(client.get(f"{board}?{query}"))
        assert ranks(page)[0] == "4"
        assert any(row[1].startswith("KT-net") for row in page.rows if row)
    kept = read(client.get(f"{board}?pin={code}&page=3"))
    assert "?page=3" in kept.links()
    assert "KT-net: 2 of 72 cases missing" in kept.text
    assert ranks(read(client.get(f"{board}?pin=NONE"))) == ["1", "2"]


def test_searching_looks_on_every_page(long, client):
    assert ranks(read(client.get(f"/c/{long.address}/board?find=zero"))) == ["6"]


def test_names_are_escaped_in_every_row(long, client):
    long.submissions["PromptNet"].team.name = "<i>team</i>"
    long.submissions["PromptNet"].team.save()
    type(long.submissions["PromptNet"]).objects.filter(method="PromptNet").update(method='<b onclick="x">m</b>')
    content = client.get(f"/c/{long.address}/board").content.decode()
    assert "<i>team" not in content
    assert "<b onclick" not in content
    assert "&lt;b onclick=&quot;x&quot;&gt;" in content


def test_a_large_board_is_shown_as_it_was_while_a_score_is_worked_in_and_says_so(
    large, client, django_assert_num_queries
):
    add_scored(large, "Late", team="leeds", ssim=0.99, at=large.now)
    with django_assert_num_queries(3):
        told = client.get(f"/c/{large.address}/board.json").json()
    assert told["behind"] is True
    assert "Late" not in [row["method"] for row in told["rows"]]
    assert "New scores are being worked in" in read(client.get(f"/c/{large.address}/board")).text
    assert services.judge_changed(now=timezone.now()) > 0
    told = client.get(f"/c/{large.address}/board.json").json()
    assert (told["behind"], told["rows"][0]["method"]) == (False, "Late")


def test_a_large_board_whose_settings_changed_is_never_shown_as_it_was(large, client):
    large.phase.task.baselines_ranked = False
    large.phase.task.save()
    told = client.get(f"/c/{large.address}/board.json").json()
    assert told["behind"] is False
    assert None in [row["rank"] for row in told["rows"]]


def test_publishing_a_large_board_does_not_judge_while_the_organiser_waits(large):
    publish = {"actor": large.people["organiser"], "phase": large.phase}
    first = services.publish(**publish, now=timezone.now())
    add_scored(large, "Late", team="leeds", ssim=0.99, at=large.now)
    with pytest.raises(BoardWaiting) as refused:
        services.publish(**publish, now=timezone.now())
    assert "publish it again" in refused.value.next
    services.judge(phase=large.phase, now=timezone.now())
    assert services.publish(**publish, now=timezone.now()).number == first.number + 1


def test_nothing_is_computed_again_while_nothing_changes(large):
    assert services.judge_changed(now=timezone.now()) == 0
    newest = stored.board_state(large.address).stored
    services.judge_changed(now=timezone.now())
    assert stored.board_state(large.address).stored == newest
