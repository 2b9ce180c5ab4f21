"""One submission's means."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assay.leaderboards import selectors
from tests.unit.assay.evaluations.scene import NOW, Scene
from tests.unit.assay.leaderboards.test_board import Board


def test_a_result_holds_means_overall_and_in_every_stratum(scene: Scene) -> None:
    submission = Board(scene).enter("VarNet", ssim=0.9, each={0: 0.5}, failures={1: "MISSING_FILE"})
    submission.refresh_from_db()
    result = selectors.result(submission=submission, viewer=scene.member, now=NOW)
    assert result is not None
    assert [column.key for column in result.columns] == ["ssim", "nmse", "ssim_full"]
    assert result.metrics["ssim"] == pytest.approx((10 * 0.9 + 0.5) / 11)
    assert result.strata["af=4"]["ssim"] == pytest.approx((0.5 + 0.9 + 0.9) / 3)


def test_there_is_no_result_before_it_is_scored_or_before_it_may_be_seen(scene: Scene) -> None:
    board = Board(scene)
    waiting = board.enter("waiting", ssim=None)
    assert selectors.result(submission=waiting, viewer=scene.member, now=NOW) is None
    scored = board.enter("scored")
    scored.refresh_from_db()
    scene.phase.scores_from = scene.phase.board_from = NOW + timedelta(days=1)
    scene.phase.save()
    scored.phase.refresh_from_db()
    assert selectors.result(submission=scored, viewer=scene.member, now=NOW) is None
    assert selectors.result(submission=scored, viewer=scene.organiser, now=NOW) is not None
