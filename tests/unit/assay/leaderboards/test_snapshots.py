"""A published board: dated, never changed, and what has changed since."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assay.accounts import services as accounts
from assay.accounts.models import Scope, Team, User
from assay.audit.models import Entry
from assay.challenges.errors import NotYourChallenge
from assay.challenges.models import Phase
from assay.evaluations.models import MetricScores
from assay.leaderboards import jobs, selectors, services
from assay.leaderboards.errors import BoardEmpty, BoardHidden, SnapshotUnknown
from assay.leaderboards.models import Snapshot
from assay.leaderboards.snapshots import phase_with_newest, snapshot_at, snapshots_of
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardOut
from tests.unit.assay.evaluations.scene import NOW, Scene
from tests.unit.assay.leaderboards.test_board import Board

ADDRESS = "cine/multicoil/test"
DAY = timedelta(days=1)


@pytest.fixture
def board(scene: Scene) -> Board:
    """Two methods of two teams, and a baseline."""
    board = Board(scene)
    board.enter("VarNet", ssim=0.9)
    board.enter("KT-net", ssim=0.8, team=scene.other_team)
    board.enter("zero-filled", ssim=0.5, baseline=True)
    return board


def publish(board: Board, *, now: Any = NOW) -> Snapshot:
    phase = Phase.objects.select_related("task__challenge", "ranked").get(pk=board.scene.phase.pk)
    return services.publish(actor=board.scene.organiser, phase=phase, now=now)


def live(*, now: Any = NOW) -> BoardOut:
    phase, newest = phase_with_newest(ADDRESS)
    return selectors.board(phase=phase, viewer=None, now=now, since=newest)


def test_a_snapshot_holds_the_board_with_its_ranges_and_says_when(board: Board) -> None:
    kept = publish(board)
    told = kept.parsed()
    assert (kept.name, told.name, told.taken_at) == ("2026-06-15-1", "2026-06-15-1", NOW)
    assert (told.challenge, told.task, told.unit) == ("Cine", "Multi-coil", "subject")
    assert told.board == board.read()
    assert told.board.certainty.state == "ready"
    assert kept.sha256 == hashlib.sha256(kept.document.encode()).hexdigest()
    entry = Entry.objects.get(tag="organiser:board:publish")
    assert (entry.actor, entry.detail["sha256"]) == (board.scene.organiser, kept.sha256)


def test_nothing_that_happens_later_changes_it(board: Board, client: Client) -> None:
    kept = publish(board)
    before = client.get(f"/c/{ADDRESS}/board/{kept.name}").content
    file = client.get(f"/c/{ADDRESS}/board/{kept.name}.json").content
    for row in MetricScores.objects.all():
        row.values = [0.1] * len(row.values)
        row.save()
    Team.objects.update(name="Renamed")
    board.change_task(ranking={"rule": "rank_then_mean", "missing": "last"}, strata={})
    Submission.objects.all().delete()
    assert live().rows == []
    assert client.get(f"/c/{ADDRESS}/board/{kept.name}").content == before
    assert client.get(f"/c/{ADDRESS}/board/{kept.name}.json").content == file
    assert hashlib.sha256(file).hexdigest() == kept.sha256


def test_the_same_board_twice_is_one_snapshot_and_another_gets_the_next_number(board: Board) -> None:
    first = publish(board)
    assert publish(board, now=NOW + timedelta(minutes=1)) == first
    board.enter("U-Net", ssim=0.7)
    assert publish(board, now=NOW + timedelta(minutes=2)).name == "2026-06-15-2"
    board.enter("U-Net 2", ssim=0.71)
    assert publish(board, now=NOW + DAY).name == "2026-06-16-1"


def test_the_live_board_counts_changes_since_the_newest_snapshot(board: Board) -> None:
    assert live().since == ""
    publish(board)
    board.enter("KT-net", ssim=0.95, team=board.scene.other_team)
    board.enter("U-Net", ssim=0.85)
    told = live()
    assert told.since == "2026-06-15-1"
    assert [(row.method, row.rank, row.change, row.new) for row in told.rows] == [
        ("KT-net", 1, 1, False),
        ("VarNet", 2, -1, False),
        ("U-Net", 3, None, True),
        ("zero-filled", 4, -1, False),
    ]
    phase, newest = phase_with_newest(ADDRESS)
    assert selectors.board(phase=phase, viewer=None, now=NOW, stratum="af=4", since=newest).since == ""


def test_a_team_of_another_name_is_still_the_same(board: Board) -> None:
    publish(board)
    Team.objects.filter(slug="south").update(slug="far-south", name="Far south")
    assert not any(row.new for row in live().rows)


def test_a_baseline_without_a_number_has_no_places_to_win(board: Board) -> None:
    board.scene.phase.task.baselines_ranked = False
    board.scene.phase.task.save()
    publish(board)
    assert [(row.rank, row.change) for row in live().rows] == [(1, 0), (2, 0), (None, None)]


def test_an_empty_board_is_not_published(scene: Scene) -> None:
    with pytest.raises(BoardEmpty):
        publish(Board(scene))
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize("role", ["captain", "outsider"])
def test_organisers_alone_publish(board: Board, role: str) -> None:
    with pytest.raises(NotYourChallenge):
        services.publish(actor=User.objects.get(username=role), phase=board.scene.phase, now=NOW)


def test_a_snapshot_of_a_board_that_is_not_public_waits_for_its_date(board: Board) -> None:
    board.scene.phase.board_from = NOW + DAY
    board.scene.phase.save()
    kept, phase = publish(board), board.scene.phase
    with pytest.raises(BoardHidden):
        snapshot_at(phase=phase, name=kept.name, viewer=None, now=NOW)
    assert snapshot_at(phase=phase, name=kept.name, viewer=board.scene.organiser, now=NOW) == kept
    assert not snapshots_of(phase=phase, now=NOW).exists()
    assert snapshot_at(phase=phase, name=kept.name, viewer=None, now=NOW + DAY) == kept
    # what was public once stays so
    assert services.release(now=NOW + DAY) == 1
    phase.board_from = NOW + 9 * DAY
    phase.save()
    assert snapshot_at(phase=phase, name=kept.name, viewer=None, now=NOW + 2 * DAY) == kept
    assert list(snapshots_of(phase=phase, now=NOW + 2 * DAY)) == [kept]


def test_a_snapshot_waits_with_its_board_when_the_date_is_put_off(board: Board) -> None:
    phase = board.scene.phase
    phase.board_from = NOW + DAY
    phase.save()
    kept = publish(board)
    phase.board_from = NOW + 9 * DAY
    phase.save()
    assert services.release(now=NOW + 2 * DAY) == 0
    with pytest.raises(BoardHidden) as refused:
        snapshot_at(phase=phase, name=kept.name, viewer=None, now=NOW + 2 * DAY)
    assert refused.value.public_from == NOW + 9 * DAY
    assert not snapshots_of(phase=phase, now=NOW + 2 * DAY).exists()
    assert snapshot_at(phase=phase, name=kept.name, viewer=None, now=NOW + 9 * DAY) == kept


def test_the_site_worker_releases_what_has_become_public(board: Board) -> None:
    phase = board.scene.phase
    phase.board_from = NOW + DAY
    phase.save()
    kept = publish(board)
    jobs.judge_boards()
    assert Snapshot.objects.get(pk=kept.pk).public_from is None
    assert Snapshot.objects.get(pk=kept.pk).document == kept.document


def test_what_was_public_when_it_was_published_stays_so(board: Board) -> None:
    phase = board.scene.phase
    phase.board_from = NOW - DAY
    phase.save()
    kept = publish(board)
    phase.board_from = NOW + 9 * DAY
    phase.save()
    assert snapshot_at(phase=phase, name=kept.name, viewer=None, now=NOW + DAY) == kept
    assert list(snapshots_of(phase=phase, now=NOW + DAY)) == [kept]


@pytest.mark.parametrize("name", ["2026-06-15-2", "2026-06-14-1", "2026-02-30-1", "latest", "2026-06-15"])
def test_a_name_that_was_never_published_is_not_found(board: Board, name: str) -> None:
    publish(board)
    with pytest.raises(SnapshotUnknown):
        snapshot_at(phase=board.scene.phase, name=name, viewer=None, now=NOW)


def test_an_organiser_publishes_over_the_api_and_everybody_reads(board: Board, client: Client) -> None:
    address = f"/api/v1/boards/{ADDRESS}/snapshots"

    def token(user: User, *scopes: Scope) -> dict[str, str]:
        text = accounts.issue_token(user=user, name="test", scopes=scopes, now=timezone.now())[1]
        return {"authorization": f"Bearer {text}"}

    assert client.post(address).status_code == 401
    assert client.post(address, headers=token(board.scene.captain, Scope.TEAM)).status_code == 403
    other = User.objects.create(username="other", email="other@assay.example", is_staff=True)
    assert client.post(address, headers=token(other, Scope.ORGANISER)).json()["error"] == "NOT_YOUR_CHALLENGE"
    done = client.post(address, headers=token(board.scene.organiser, Scope.ORGANISER)).json()
    assert done["url"].endswith(f"/c/{ADDRESS}/board/{done['name']}")
    read = client.get(f"{address}/{done['name']}")
    assert hashlib.sha256(read.content).hexdigest() == done["sha256"]
    assert [row["method"] for row in read.json()["board"]["rows"]] == ["VarNet", "KT-net", "zero-filled"]
    assert client.get(f"{address}/2020-01-01-1").json()["error"] == "SNAPSHOT_UNKNOWN"
