"""Scoring again what runs left: beside the old scores, swapped at once, and never half."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assay.audit.models import Entry
from assay.challenges.models import Phase
from assay.console import rescoring
from assay.console.errors import (
    ConsoleForOrganisers,
    NameNotTyped,
    NothingToRescore,
    RescoreClosed,
    RescoreNotReady,
    RescoreOpen,
    RescoreOutdated,
)
from assay.console.models import Rescore
from assay.console.ranks import compare_ranks
from assay.console.rows import count_rows
from assay.datasets.models import CaseFile, Dataset, FileRole
from assay.evaluations import services as evaluations
from assay.evaluations.models import Evaluation
from assay.evaluations.rendering import render_job
from assay.leaderboards.models import Snapshot
from assay.submissions import services as submissions
from evaluators.contract.jobs import StateReport
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import (
    NOW,
    SPEC,
    Scene,
    ask,
    claim,
    evaluation_of,
    finish,
    make_dataset,
    report,
    run_facts,
)
from tests.unit.assay.leaderboards.test_board import Board

OLD = "0" * 64


@pytest.fixture
def board(scene: Scene) -> Board:
    """Three methods whose scores are of an older scorer, the first one ranked first."""
    board = Board(scene)
    for method, ssim in (("first", 0.9), ("second", 0.8), ("third", 0.7)):
        board.enter(method, ssim=ssim)
    Evaluation.objects.update(scorer=OLD)
    return board


def the_phase(board: Board) -> Phase:
    return Phase.objects.select_related("task__challenge", "ranked").get(pk=board.scene.phase.pk)


def begin(board: Board, **words: Any) -> Rescore:
    rescore = rescoring.begin(actor=board.scene.organiser, phase=the_phase(board), now=NOW, **words)
    # asked for in one moment: here they are claimed in the order of entry
    asked = [row.after for row in rescore.rows.select_related("after") if row.after is not None]
    for number, evaluation in enumerate(asked):
        Evaluation.objects.filter(pk=evaluation.pk).update(queued_at=NOW + timedelta(seconds=number))
    return rescore


def score_again(board: Board, *ssims: float) -> None:
    """The worker takes what waits, in the order of entry, and enters at scoring: nothing runs."""
    for ssim in ssims:
        job = claim(board.scene)
        assert job.outputs_of is not None
        message = StateReport(attempt=job.attempt, state=EvaluationState.SCORING, run=job.outputs_of.run)
        evaluations.report_state(worker=board.scene.worker, pk=evaluation_of(job).pk, message=message, now=NOW)
        report(board.scene, job, dict.fromkeys(range(12), ssim))
        finish(board.scene, job)


def publish(board: Board, rescore: Rescore, **words: Any) -> Rescore:
    return rescoring.publish(
        actor=board.scene.organiser, rescore=rescore, now=NOW, **{"typed": "cine", "note": "", **words}
    )


def counts(rescore: Rescore) -> Any:
    return count_rows(rescore.rows.select_related("after"))


def test_new_scores_stand_beside_the_old_until_they_are_published_all_at_once(board: Board) -> None:
    old = dict(Evaluation.objects.filter(submissions__method="first").values_list("pk", "scores__values"))
    rescore = begin(board, note="SSIM of the crop was wrong")
    score_again(board, 0.6, 0.8, 0.9)
    assert board.order() == []  # of an older scorer: nothing is ranked until it is published
    publish(board, rescore)
    assert board.order() == [(1, "third"), (2, "second"), (3, "first")]
    assert set(old) <= set(Evaluation.objects.values_list("pk", flat=True))
    rescore.refresh_from_db()
    assert rescore.before is not None
    assert rescore.after is not None
    before, after = rescore.before.parsed().board, rescore.after.parsed().board
    assert [(row.rank, row.method) for row in before.rows] == [(1, "first"), (2, "second"), (3, "third")]
    assert [(row.rank, row.method) for row in after.rows] == [(1, "third"), (2, "second"), (3, "first")]
    assert (before.scorer, after.certainty.state) == (OLD, "ready")
    deed = Entry.objects.get(tag="organiser:rescore:publish")
    assert (deed.actor, deed.detail["note"]) == (board.scene.organiser, "SSIM of the crop was wrong")


def test_what_a_rescore_measures_is_the_run_that_there_was(board: Board) -> None:
    begin(board)
    job = claim(board.scene)
    assert job.outputs_of is not None
    origin = Evaluation.objects.get(pk=job.outputs_of.evaluation)
    assert job.outputs_of.run == run_facts()
    assert origin.scorer == OLD
    # the files lie under the names that were drawn for the run
    evaluation = Evaluation.objects.get(pk=job.evaluation)
    assert evaluation.pseudonym_seed == origin.pseudonym_seed
    assert evaluation.pk != origin.pk


def test_kept_outputs_wait_for_the_worker_that_has_them(board: Board) -> None:
    begin(board)
    assert evaluations.claim(worker=board.scene.second_worker, request=ask(), now=NOW) is None
    assert evaluations.claim(worker=board.scene.worker, request=ask(), now=NOW) is not None


def test_old_and_new_ranks_are_compared_and_what_did_not_change_is_counted(board: Board) -> None:
    rescore = begin(board)
    score_again(board, 0.9, 0.6, 0.7)
    compared = compare_ranks(rescore)
    assert [(one.method, one.old_rank, one.new_rank) for one in compared.moved] == [
        ("third", "3", "2"),
        ("second", "2", "3"),
    ]
    assert compared.unchanged == 1
    assert compared.moved[1].metrics[0] == ("SSIM", "0.800", "0.600")


def test_one_failure_blocks_publishing_until_it_is_tried_again_or_left_out(board: Board) -> None:
    rescore = begin(board)
    score_again(board, 0.9, 0.8)
    for _ in range(3):
        finish(
            board.scene,
            claim(board.scene),
            failure={"code": "DATA", "detail": "the outputs of this run are no longer kept"},
        )
    assert counts(rescore).failed == 1
    with pytest.raises(RescoreNotReady, match="1 failed, which blocks publishing"):
        publish(board, rescore)
    assert board.order() == []
    assert not Snapshot.objects.exists()

    assert rescoring.try_again(actor=board.scene.organiser, rescore=rescore, now=NOW) == 1
    assert counts(rescore).waiting == 1
    for _ in range(3):
        finish(board.scene, claim(board.scene), failure={"code": "DATA"})
    assert rescoring.leave_out(actor=board.scene.organiser, rescore=rescore, now=NOW) == 1
    publish(board, rescore)
    assert board.order() == [(1, "first"), (2, "second")]
    # never in one table with the others
    assert [(one["method"], one["reason"]) for one in board.read().not_ranked] == [("third", "RESCORE")]


def test_nothing_is_published_while_an_entry_waits_or_under_another_name(board: Board) -> None:
    rescore = begin(board)
    score_again(board, 0.9)
    with pytest.raises(RescoreNotReady, match="2 still to come"):
        publish(board, rescore)
    score_again(board, 0.8, 0.7)
    with pytest.raises(NameNotTyped):
        publish(board, rescore, typed="yes")
    assert board.order() == []


def test_one_rescore_at_a_time_by_its_organisers_of_what_awaits_it(board: Board) -> None:
    with pytest.raises(ConsoleForOrganisers):
        rescoring.begin(actor=board.scene.captain, phase=the_phase(board), now=NOW)
    rescore = begin(board)
    with pytest.raises(RescoreOpen):
        begin(board)
    score_again(board, 0.9, 0.8, 0.7)
    publish(board, rescore)
    with pytest.raises(RescoreClosed):
        rescoring.drop(actor=board.scene.organiser, rescore=rescore, now=NOW)
    with pytest.raises(NothingToRescore):
        begin(board)
    again = begin(board, everything=True)
    score_again(board, 0.9, 0.8, 0.7)
    assert compare_ranks(again).unchanged == 3


def test_a_dropped_one_cancels_what_waits_and_changes_nothing(board: Board) -> None:
    rescore = begin(board)
    score_again(board, 0.2)
    rescoring.drop(actor=board.scene.organiser, rescore=rescore, now=NOW)
    assert Evaluation.objects.filter(state="cancelled").count() == 2
    assert board.order() == []
    begin(board)


def test_a_scorer_that_changes_meanwhile_makes_it_worthless(board: Board) -> None:
    rescore = begin(board)
    score_again(board, 0.9, 0.8, 0.7)
    Evaluation.objects.exclude(scorer=OLD).update(scorer="1" * 64)
    with pytest.raises(RescoreOutdated):
        publish(board, rescore)


def test_what_was_withdrawn_meanwhile_is_not_swapped(board: Board) -> None:
    rescore = begin(board)
    score_again(board, 0.9, 0.8, 0.7)
    entry = rescore.rows.get(submission__method="second").submission
    submissions.withdraw(actor=board.scene.captain, submission=entry, now=NOW)
    publish(board, rescore)
    assert board.order() == [(1, "first"), (2, "third")]


def _new_references(dataset: Dataset, *, name: str) -> Dataset:
    """A version with the same inputs and other references."""
    fresh = make_dataset(name, owner=dataset.owner)
    old = {
        (row.case.group, row.role, row.path): row.sha256
        for row in CaseFile.objects.filter(case__dataset=dataset).select_related("case")
    }
    for row in CaseFile.objects.filter(case__dataset=fresh, role=FileRole.INPUT).select_related("case"):
        row.sha256 = old[(row.case.group, row.role, row.path)]
        row.save()
    return fresh


def test_a_new_version_of_the_references_is_scored_under_the_names_of_the_run(board: Board) -> None:
    job = claim_first_names(board)
    fresh = _new_references(board.scene.dataset, name="mended")
    board.scene.phase.ranked = fresh
    board.scene.phase.save()
    begin(board)
    again = claim(board.scene)
    assert again.dataset == "mended@1"
    assert [case.answer for case in again.cases] == job


def claim_first_names(board: Board) -> list[str]:
    """What the first entry's run was asked to write, case by case."""
    return [case.answer for case in render_job(Evaluation.objects.get(submissions__method="first", scorer=OLD)).cases]


def test_other_inputs_need_a_new_run_and_say_so(board: Board) -> None:
    board.scene.phase.ranked = make_dataset("other-inputs", owner=board.scene.organiser)
    board.scene.phase.save()
    rescore = begin(board)
    problem = rescore.rows.all()[0].problem
    assert problem == "other-inputs@1 has other inputs than hidden@1, which this run saw."
    assert counts(rescore).failed == 3


def test_a_task_that_asks_for_other_files_needs_a_new_run(board: Board) -> None:
    board.change_task(output={**SPEC["output"], "variable": "img"})
    rescore = begin(board)
    assert "output changed" in rescore.rows.all()[0].problem
