"""What stands on a board, in which order, and who may read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from assay.accounts.models import Team, User
from assay.challenges.models import Phase
from assay.evaluations.models import Evaluation
from assay.leaderboards import selectors
from assay.leaderboards.errors import BoardHidden, StratumUnknown
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardOut, BoardRow
from evaluators.contract.catalogue import catalogue
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    NOW,
    SPEC,
    Scene,
    claim,
    finish,
    make_dataset,
    queue,
    score_all,
)

SOON = NOW + timedelta(days=1)


class Board:
    """Puts entries on the scene's board, a minute apart."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.count = 0

    def enter(
        self,
        method: str,
        *,
        ssim: float | None = 0.9,
        each: Mapping[int, float] | None = None,
        failures: Mapping[int, str] | None = None,
        baseline: bool = False,
        team: Team | None = None,
        failure: str = "",
        **fields: Any,
    ) -> Submission:
        """An entry that is scored (ssim), failed (failure) or still waits (ssim None)."""
        self.count += 1
        team = team or self.scene.team
        # what waits is claimed after everything else here
        at = NOW + timedelta(days=7) if ssim is None else NOW
        evaluation = queue(self.scene, text=f"{method} {self.count}", team=team, at=at)
        if failure:
            finish(self.scene, claim(self.scene), failure={"code": failure})
        elif ssim is not None:
            score_all(self.scene, ssim=ssim, each=each, failures=failures)
        return Submission.objects.create(
            code=f"C{self.count:03d}", phase=self.scene.phase, team=team, user=self.scene.captain,
            image=evaluation.image, evaluation=evaluation, method=method, is_baseline=baseline,
            received_at=NOW + timedelta(minutes=self.count), **fields,
        )  # fmt: skip

    def read(self, *, stratum: str | None = None, viewer: User | None = None) -> BoardOut:
        """The board as anybody sees it."""
        phase = Phase.objects.select_related("task__challenge", "ranked").get(pk=self.scene.phase.pk)
        return selectors.board(phase=phase, viewer=viewer, now=NOW, stratum=stratum)

    def order(self, **arguments: Any) -> list[tuple[float | None, str]]:
        """(rank, method) of every row."""
        return [(row.rank, row.method) for row in self.read(**arguments).rows]

    def row(self, method: str, **arguments: Any) -> BoardRow:
        """The row of a method."""
        return next(row for row in self.read(**arguments).rows if row.method == method)

    def change_task(self, **changes: Any) -> None:
        """Change the task's specification as an organiser would."""
        task = self.scene.phase.task
        task.spec = {**SPEC, **changes}
        task.save()


@pytest.fixture
def board(scene: Scene) -> Board:
    """An empty board."""
    return Board(scene)


def test_an_empty_board_has_columns_and_no_rows(board: Board) -> None:
    told = board.read()
    assert (told.rows, told.not_ranked) == ([], [])
    assert (told.phase, told.dataset, told.cases, told.units) == ("cine/multicoil/test", "hidden@1", 12, 2)
    assert told.scorer == catalogue().scorer
    assert [(column.key, column.ranks, column.digits) for column in told.columns] == [
        ("ssim", True, 3),
        ("nmse", True, 4),
        ("ssim_full", False, 3),
    ]
    assert told.columns[1].better == "lower"
    assert told.columns[2].options == {"region": "full"}


def test_methods_stand_in_the_order_of_their_ranks_with_ties_by_name(board: Board) -> None:
    board.enter("zero-filled", ssim=0.7, baseline=True)
    board.enter("U-Net", ssim=0.8, baseline=True)
    board.enter("VarNet", ssim=0.9)
    board.enter("apart", ssim=0.8)
    assert board.order() == [(1, "VarNet"), (2, "apart"), (2, "U-Net"), (4, "zero-filled")]
    assert [row.baseline for row in board.read().rows] == [False, False, True, True]


def test_a_row_holds_means_over_delivered_cases_and_counts_the_rest(board: Board) -> None:
    # cases 0, 1 are AF 4 of the first subject: sax and lax
    board.enter("VarNet", ssim=0.9, each={0: 0.5}, failures={1: "MISSING_FILE", 7: "BAD_SHAPE", 11: "MISSING_FILE"})
    row = board.row("VarNet")
    assert row.metrics["ssim"] == pytest.approx((8 * 0.9 + 0.5) / 9)
    assert row.metrics["nmse"] == pytest.approx((8 * 0.1 + 0.5) / 9)
    assert (row.cases, row.failures) == (9, {"MISSING_FILE": 2, "BAD_SHAPE": 1})
    assert list(row.strata) == ["af=4", "af=8", "af=10", "view=sax", "view=lax"]
    # AF 4: cases 0 1 6 7, of which 1 and 7 have no value
    assert row.strata["af=4"]["ssim"] == pytest.approx((0.5 + 0.9) / 2)
    assert row.strata["view=lax"]["ssim"] == pytest.approx(0.9)
    assert row.seconds == 61.0


def test_strata_stand_in_the_organisers_order(board: Board) -> None:
    board.enter("VarNet")
    views = {"title": "View", "values": {"lax": "long axis", "sax": "short axis"}}
    board.change_task(strata={"view": views, "af": {"title": "Acceleration", "values": [10, 4, 8]}})
    assert list(board.row("VarNet").strata) == ["view=lax", "view=sax", "af=10", "af=4", "af=8"]


def test_a_missing_case_costs_a_rank_though_the_mean_shown_is_higher(board: Board) -> None:
    board.enter("whole", ssim=0.80)
    board.enter("gap", ssim=0.81, failures={0: "MISSING_FILE"})
    rows = board.read().rows
    assert [(row.rank, row.method) for row in rows] == [(1, "whole"), (2, "gap")]
    shown = [row.metrics["ssim"] for row in rows]
    assert shown == pytest.approx([0.80, 0.81])


@pytest.mark.parametrize(("left_out", "first"), [(0, "whole"), (3, "closer")])
def test_a_missing_distance_counts_the_diagonal_of_its_own_image(board: Board, left_out: int, first: str) -> None:
    metrics = [
        {"metric": "hd95", "as": "ssim"},
        {"metric": "nmse", "ranks": False},
        {"metric": "ssim", "as": "ssim_full", "ranks": False},
    ]
    board.change_task(metrics=metrics, ranking={"rule": "mean_then_rank", "missing": "worst"})
    place = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    cases = board.scene.phase.ranked.cases
    cases.update(affine=place, shape=[3, 4])
    # 1000 mm; that of every other image is 5 mm
    cases.filter(index=0).update(shape=[600, 800])
    board.enter("whole", ssim=4.0)
    board.enter("closer", ssim=3.9, failures={left_out: "BAD_GRID"})
    for evaluation in Evaluation.objects.all():
        evaluation.run_spec = {**evaluation.run_spec, "task": board.scene.phase.task.spec}
        evaluation.run_spec_digest = "a" * 64
        evaluation.save()
    assert board.order()[0] == (1, first)
    assert board.row("closer").metrics["ssim"] == pytest.approx(3.9)


def test_a_stratum_without_any_value_is_missing_and_not_zero(board: Board) -> None:
    board.enter("VarNet", failures=dict.fromkeys((4, 5, 10, 11), "NOT_FINITE"))
    board.enter("U-Net", ssim=0.5)
    assert board.row("VarNet").strata["af=10"] == {"ssim": None, "nmse": None, "ssim_full": None}
    assert board.order(stratum="af=10") == [(1, "U-Net"), (2, "VarNet")]
    row = board.row("VarNet", stratum="af=10")
    assert (row.metrics["ssim"], row.cases, row.failures) == (None, 0, {"NOT_FINITE": 4})


def test_a_stratum_has_an_order_of_its_own(board: Board) -> None:
    high = dict.fromkeys((4, 5, 10, 11), 0.3)
    board.enter("good at low factors", ssim=0.9, each=high)
    board.enter("good at high factors", ssim=0.8, each=dict.fromkeys(high, 0.7))
    assert board.order(stratum="af=4")[0] == (1, "good at low factors")
    assert board.order(stratum="af=10")[0] == (1, "good at high factors")
    assert board.read(stratum="af=10").cases == 4
    assert board.row("good at high factors", stratum="af=10").metrics["ssim"] == pytest.approx(0.7)
    with pytest.raises(StratumUnknown) as refused:
        board.read(stratum="af=6")
    assert "af=4" in refused.value.next


@pytest.mark.parametrize(("counts", "expected"), [("best", "C001"), ("last", "C003")])
def test_one_entry_a_method_counts_the_best_or_the_last(board: Board, counts: str, expected: str) -> None:
    board.scene.phase.counts = counts
    board.scene.phase.save()
    for ssim in (0.9, 0.7, 0.8):
        board.enter("VarNet", ssim=ssim)
    board.enter("VarNet", failure="TIMEOUT")
    board.enter("VarNet", ssim=None)
    assert [row.submission for row in board.read().rows] == [expected]
    assert board.read().not_ranked == []


def test_of_equally_good_entries_the_earliest_counts(board: Board) -> None:
    board.enter("VarNet", ssim=0.9)
    board.enter("VarNet", ssim=0.9)
    assert board.row("VarNet").submission == "C001"


def test_another_method_or_another_team_has_a_row_of_its_own(board: Board) -> None:
    board.enter("VarNet", ssim=0.9)
    board.enter("VarNet-2", ssim=0.8)
    board.enter("VarNet", ssim=0.7, team=board.scene.other_team)
    assert [(row.team, row.method) for row in board.read().rows] == [
        ("north", "VarNet"),
        ("north", "VarNet-2"),
        ("south", "VarNet"),
    ]


def test_what_has_no_score_is_listed_with_its_reason_and_never_ranked(board: Board) -> None:
    board.enter("VarNet", ssim=0.2)
    board.enter("slow", failure="TIMEOUT")
    board.enter("silent", failures=dict.fromkeys(range(12), "MISSING_FILE"))
    board.enter("regretted", withdrawn_at=NOW)
    board.enter("waiting", ssim=None)
    broken = board.enter("unlucky", ssim=None)
    Evaluation.objects.filter(pk=broken.evaluation_id).update(
        state=EvaluationState.PLATFORM_ERROR.value, failure={"code": "ENGINE"}
    )
    assert board.order() == [(1, "VarNet")]
    told = {one["method"]: one["reason"] for one in board.read().not_ranked}
    assert told == {"slow": "TIMEOUT", "silent": "NO_VALUES", "regretted": "WITHDRAWN", "unlucky": "ENGINE"}
    assert all(one["text"] and one["team"] == "north" for one in board.read().not_ranked)


def test_a_cancelled_entry_leaves_no_trace(board: Board) -> None:
    cancelled = board.enter("shy", ssim=None, withdrawn_at=NOW)
    Evaluation.objects.filter(pk=cancelled.evaluation_id).update(state=EvaluationState.CANCELLED.value)
    assert (board.read().rows, board.read().not_ranked) == ([], [])


def _other_scorer(board: Board) -> None:
    Evaluation.objects.filter(submissions__method="old").update(scorer="0" * 64)


def _other_data(board: Board) -> None:
    dataset = make_dataset("hidden-2", owner=board.scene.organiser)
    Evaluation.objects.filter(submissions__method="old").update(dataset=dataset)


def _other_definition(board: Board) -> None:
    old = Evaluation.objects.get(submissions__method="old")
    old.run_spec["task"]["metrics"][0]["options"] = {"region": "full"}
    old.run_spec_digest = "1" * 64
    old.save()


def _another_metric(board: Board) -> None:
    old = Evaluation.objects.get(submissions__method="old")
    old.run_spec["task"]["metrics"].pop()
    old.run_spec_digest = "2" * 64
    old.save()


@pytest.mark.parametrize("differs", [_other_scorer, _other_data, _other_definition, _another_metric])
def test_scores_that_mean_something_else_await_rescoring_and_are_not_mixed_in(board: Board, differs: Any) -> None:
    board.enter("old", ssim=0.99)
    board.enter("new", ssim=0.5)
    differs(board)
    assert board.order() == [(1, "new")]
    assert [(one["method"], one["reason"]) for one in board.read().not_ranked] == [("old", "RESCORE")]


def test_digits_columns_and_the_ranking_rule_may_change_without_new_scores(board: Board) -> None:
    board.enter("A", ssim=0.9)
    board.enter("B", ssim=0.8)
    metrics = [{**SPEC["metrics"][0], "digits": 5}, {**SPEC["metrics"][1], "ranks": False}, SPEC["metrics"][2]]
    board.change_task(metrics=metrics, ranking={"rule": "rank_then_mean", "missing": "worst"})
    assert board.order() == [(1, "A"), (2, "B")]
    assert board.read().columns[0].digits == 5
    assert board.read().rule.startswith("In every case and metric")


def test_a_column_may_be_dropped_without_new_scores_and_not_be_added(board: Board) -> None:
    board.enter("A", ssim=0.9)
    board.change_task(metrics=SPEC["metrics"][:2])
    assert list(board.row("A").metrics) == ["ssim", "nmse"]
    board.change_task(metrics=[*SPEC["metrics"], {"metric": "psnr"}])
    assert [one["reason"] for one in board.read().not_ranked] == ["RESCORE"]


def test_unranked_baselines_stand_in_place_without_a_number(board: Board) -> None:
    board.enter("zero-filled", ssim=0.5, baseline=True)
    board.enter("VarNet baseline", ssim=0.85, baseline=True)
    board.enter("second", ssim=0.8)
    board.enter("first", ssim=0.9)
    assert [rank for rank, _ in board.order()] == [1, 2, 3, 4]
    board.scene.phase.task.baselines_ranked = False
    board.scene.phase.task.save()
    assert board.order() == [(1, "first"), (None, "VarNet baseline"), (2, "second"), (None, "zero-filled")]


def test_a_board_of_unranked_baselines_alone_still_shows_them_in_order(board: Board) -> None:
    board.enter("zero-filled", ssim=0.5, baseline=True)
    board.enter("VarNet", ssim=0.9, baseline=True)
    board.enter("U-Net", ssim=0.7, baseline=True)
    board.scene.phase.task.baselines_ranked = False
    board.scene.phase.task.save()
    assert board.order() == [(None, "VarNet"), (None, "U-Net"), (None, "zero-filled")]


@pytest.mark.parametrize("role", ["anonymous", "outsider", "member", "organiser", "superuser"])
@pytest.mark.parametrize("public_from", [None, NOW, SOON])
def test_a_board_is_public_from_its_date_and_before_that_for_organisers(
    board: Board, role: str, public_from: Any
) -> None:
    board.enter("VarNet")
    board.scene.phase.board_from = public_from
    board.scene.phase.save()
    viewer = None
    if role == "superuser":
        viewer = User.objects.create(username=role, email="root@assay.example", is_superuser=True)
    elif role != "anonymous":
        viewer = User.objects.get(username=role)
    if public_from == SOON and role not in {"organiser", "superuser"}:
        with pytest.raises(BoardHidden) as refused:
            board.read(viewer=viewer)
        assert refused.value.next == "It is published on 2026-06-16 12:00 UTC."
    else:
        assert len(board.read(viewer=viewer).rows) == 1


def test_a_board_costs_the_same_queries_however_long_it_is(board: Board, django_assert_num_queries: Any) -> None:
    phase = Phase.objects.select_related("task__challenge", "ranked").get(pk=board.scene.phase.pk)
    board.enter("first")
    with django_assert_num_queries(3):  # cases, submissions, values: one method alone has no order that could be unsure
        selectors.board(phase=phase, viewer=None, now=NOW)
    for number in range(6):
        board.enter(f"more {number}", ssim=0.5 + number / 100)
        board.enter(f"more {number}", ssim=0.4 + number / 100)
        board.enter(f"failed {number}", failure="TIMEOUT")
    with django_assert_num_queries(4):  # and how sure the ranks are
        told = selectors.board(phase=phase, viewer=None, now=NOW)
    assert (len(told.rows), len(told.not_ranked)) == (7, 6)


def test_rows_name_their_team_as_people_do(board: Board) -> None:
    board.enter("VarNet")
    board.enter("slow", failure="TIMEOUT")
    assert (board.row("VarNet").team, board.row("VarNet").team_name) == ("north", "North")
    assert board.read().not_ranked[0]["team_name"] == "North"
