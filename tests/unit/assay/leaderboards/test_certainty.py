"""Ranges of ranks and groups on a board: of its own scores, or not shown at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assay.challenges.models import Phase, Task
from assay.evaluations.models import Evaluation, MetricScores
from assay.leaderboards import jobs, services
from assay.submissions.models import Submission
from tests.unit.assay.evaluations.scene import NOW, SPEC, Scene
from tests.unit.assay.leaderboards.test_board import Board

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def board(scene: Scene) -> Board:
    """Two methods of which each is better for one of the two subjects, and a third that is always worse."""
    board = Board(scene)
    board.enter("first", ssim=0.9, each=dict.fromkeys(range(6), 0.7))
    board.enter("second", ssim=0.8, each=dict.fromkeys(range(6), 0.75))
    board.enter("third", ssim=0.5)
    return board


def judge(board: Board, *, now: Any = LATER) -> int:
    return services.judge(phase=board.scene.phase, now=now)


def ranges(board: Board, **arguments: Any) -> dict[str, tuple[float | None, float | None, str]]:
    return {row.method: (row.rank_low, row.rank_high, row.group) for row in board.read(**arguments).rows}


def test_until_they_are_computed_the_board_says_so_and_shows_the_ranks(board: Board) -> None:
    told = board.read()
    assert told.certainty.state == "waiting"
    assert [(row.rank, row.rank_low, row.group) for row in told.rows] == [(1, None, ""), (2, None, ""), (3, None, "")]


def test_the_board_then_holds_ranges_and_groups_and_what_they_are(board: Board) -> None:
    assert judge(board) == 6  # all cases, three factors, two views
    told = board.read()
    assert told.certainty.state == "ready"
    # of two subjects both are drawn the same in half of the resamples, and each subject has its own winner
    assert ranges(board) == {"first": (1, 2, "a"), "second": (1, 2, "a"), "third": (3, 3, "a")}
    assert "middle 95 % of 1,000 resamples, each of as many subjects as there are" in told.certainty.intervals
    assert "at level .05: one-sided paired Wilcoxon signed-rank tests on subject means" in told.certainty.groups
    assert "Holm's correction" in told.certainty.groups
    assert told.certainty.tau is not None
    assert told.certainty.note == "2 subjects are too few for the test to tell any two of 3 methods apart."


def test_they_are_never_shown_for_other_scores_than_their_own(board: Board) -> None:
    judge(board)
    row = MetricScores.objects.get(evaluation__submissions__method="third", key="nmse")
    row.values = [*row.values[:-1], 0.123]
    row.save()
    assert board.read().certainty.state == "waiting"
    assert set(ranges(board).values()) == {(None, None, "")}
    judge(board)
    assert board.read().certainty.state == "ready"


def test_a_new_method_or_another_rule_asks_for_new_ones(board: Board) -> None:
    judge(board)
    board.enter("fourth", ssim=0.6)
    assert board.read().certainty.state == "waiting"
    judge(board)
    assert board.read().certainty.state == "ready"
    board.change_task(ranking={"rule": "rank_then_mean", "missing": "worst"})
    assert board.read().certainty.state == "waiting"


def test_a_stratum_has_its_own(board: Board) -> None:
    judge(board)
    board.enter("good at AF 10", ssim=0.1, each=dict.fromkeys((4, 5, 10, 11), 0.95))
    judge(board)
    assert ranges(board, stratum="af=10")["good at AF 10"][:2] == (1, 1)
    assert ranges(board)["good at AF 10"][:2] == (4, 4)


def test_baselines_without_a_number_have_no_range_and_move_nobodys(board: Board) -> None:
    board.enter("VarNet", ssim=0.99, baseline=True)
    board.scene.phase.task.baselines_ranked = False
    board.scene.phase.task.save()
    judge(board)
    assert ranges(board)["VarNet"] == (None, None, "")
    assert ranges(board)["third"][:2] == (3, 3)


def test_data_of_one_subject_say_why_there_are_none(board: Board) -> None:
    board.scene.dataset.cases.update(unit="subject-a")
    judge(board)
    told = board.read().certainty
    assert (told.state, told.reason) == ("none", "All cases belong to one subject: nothing can be drawn again.")


def test_a_method_alone_has_nothing_to_be_unsure_of(scene: Scene) -> None:
    alone = Board(scene)
    alone.enter("only", ssim=0.9)
    judge(alone)
    assert (alone.read().certainty.state, alone.read().certainty.reason) == ("none", "")


def test_what_is_there_already_is_not_computed_again(board: Board) -> None:
    assert judge(board) == 6
    assert judge(board) == 0


def test_beat_looks_at_boards_that_changed_and_at_no_others(board: Board) -> None:
    def changed(minutes: float) -> list[str]:
        return [phase.slug for phase in services.changed_phases(now=LATER + timedelta(minutes=minutes))]

    assert changed(0) == ["test"]
    judge(board)
    assert changed(1) == []
    Submission.objects.filter(method="third").update(withdrawn_at=LATER + timedelta(minutes=2))
    assert changed(3) == ["test"]
    judge(board, now=LATER + timedelta(minutes=5))
    assert changed(6) == []
    Evaluation.objects.filter(submissions__method="first").update(finished_at=LATER + timedelta(minutes=6))
    assert changed(7) == ["test"]
    judge(board, now=LATER + timedelta(minutes=8))
    board.change_task(metrics=SPEC["metrics"][:2])
    assert changed(9) == ["test"]
    judge(board, now=LATER + timedelta(minutes=10))
    assert (changed(11), changed(21)) == ([], ["test"])


def test_the_site_worker_fills_every_board(board: Board) -> None:
    jobs.judge_boards()
    assert board.read().certainty.state == "ready"


def test_a_stratum_may_have_a_name_of_any_length(board: Board) -> None:
    long = "x" * 300
    for case in board.scene.phase.ranked.cases.all():
        case.strata = {**case.strata, "view": long if case.strata["view"] == "sax" else "lax"}
        case.save()
    board.change_task(strata={"view": {"title": "View", "values": {long: "short axis", "lax": "long axis"}}})
    judge(board)
    assert board.read(stratum=f"view={long}").certainty.state == "ready"


def test_a_board_that_cannot_be_judged_keeps_no_other_waiting(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    whole = board.scene.phase
    for slug in ("a", "z"):
        task = Task.objects.create(
            challenge=whole.task.challenge, slug=slug, title=slug, position=0, spec={"kind": slug}
        )
        broken = Phase.objects.get(pk=whole.pk)
        broken.pk, broken.task = None, task
        broken.save(force_insert=True)
        entry = Submission.objects.get(method="third", phase=whole)
        entry.pk, entry.code, entry.phase = None, f"{slug.upper()}QQQQ", broken
        entry.save(force_insert=True)
    jobs.judge_boards()
    assert board.read().certainty.state == "ready"
    assert len([one for one in caplog.records if "cannot be judged" in one.getMessage()]) == 2


def test_while_one_judges_a_second_ends_at_once(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    def judged(*, now: Any) -> int:
        begun.append(now)
        # what beat asks for while the first is still at work
        jobs.judge_boards()
        return 0

    monkeypatch.setattr(services, "judge_changed", judged)
    jobs.judge_boards()
    assert len(begun) == 1
    jobs.judge_boards()
    assert len(begun) == 2
