"""Lists of challenges: when a phase closes, and what its newest published board says, never before anybody may read it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assay.challenges.models import Phase
from assay.leaderboards import services
from assay.leaderboards.models import Snapshot
from assay.web.dated import newest_boards
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import add_scored


def publish(world) -> Snapshot:
    phase = Phase.objects.select_related("task__challenge", "ranked").get(pk=world.phase.pk)
    return services.publish(actor=world.people["organiser"], phase=phase, now=world.now)


@pytest.mark.parametrize(
    ("left", "words"),
    [(timedelta(days=12, hours=3), "closes in 12 d"), (timedelta(hours=3, minutes=2), "closes in 3 h")],
)
def test_what_is_left_of_an_open_phase_is_counted(left, words, world, client):
    Phase.objects.update(closes_at=world.now + left)
    assert words in read(client.get("/")).text


def test_a_closed_challenge_stands_with_its_dated_board_and_names_no_winner_that_the_tests_do_not(world, client):
    kept = publish(world)
    Phase.objects.update(closes_at=world.now - timedelta(days=1))
    page = read(client.get("/"))
    assert "Closed challenges" in page.text
    assert "6 methods. The first 2 are not told apart." in page.text
    assert f"/c/{world.address}/board/{kept.name}" in page.links()


def test_the_newest_board_is_told_and_only_once_anybody_may_read_it(world, client, django_assert_num_queries):
    first = publish(world)
    add_scored(world, "Late", team="leeds", ssim=0.9, at=world.now)
    second = publish(world)
    assert (first.name, second.name) != (second.name, first.name)
    assert newest_boards(now=world.now)[world.phase.pk].name == second.name
    with django_assert_num_queries(1):  # its sentence is kept
        assert newest_boards(now=world.now)[world.phase.pk].methods == 7
    later = world.now + timedelta(days=1)
    Phase.objects.update(board_from=later)
    Snapshot.objects.update(public_from=later)
    assert newest_boards(now=world.now) == {}
    assert "/board/20" not in " ".join(read(client.get("/")).links())
    assert newest_boards(now=later)[world.phase.pk].name == second.name
