"""How a container can end, and what its team is told. Every one through the real engine."""

from __future__ import annotations

import json

import pytest

from tests.integration.door.conftest import CASES, RUN_FAILURES, Door

pytestmark = pytest.mark.engine


def test_a_good_container_is_scored_on_every_case_and_stands_on_the_board(door: Door) -> None:
    status = door.ended("good")
    assert (status["state"], status["cases"]["scored"], status["cases"]["total"]) == ("scored", CASES, CASES)
    (row,) = [row for row in door.board()["rows"] if row["method"] == "good"]
    assert row["rank"] is not None
    assert 0 < row["metrics"]["ssim"] < 1
    assert set(row["strata"]) == {"af=4", "af=8", "af=10", "view=sax", "view=lax", "anatomy=phantom"}


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [*RUN_FAILURES, ("fills-inodes", "OUTPUT_TOO_LARGE")],
)
def test_a_run_that_fails_as_a_whole_is_told_by_its_code_and_not_ranked(door: Door, behaviour: str, code: str) -> None:
    status = door.ended(behaviour)
    assert (status["state"], status["failure"]["code"]) == ("failed", code)
    assert code in status["sentence"]
    board = door.board()
    assert behaviour not in {row["method"] for row in board["rows"] if row["rank"] is not None}
    assert any(entry["method"] == behaviour and code in json.dumps(entry) for entry in board["not_ranked"])


def test_of_a_hidden_phase_no_detail_is_told_that_the_container_chose(door: Door) -> None:
    # an exit code is eight bits of the hidden data a run
    failure = door.ended("exits-3")["failure"]
    assert "3" not in failure["detail"]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("one-file-missing", "MISSING_FILE"),
        ("wrong-shape", "BAD_SHAPE"),
        ("nan", "NOT_FINITE"),
        ("text-named-mat", "BAD_FORMAT"),
    ],
)
def test_one_bad_case_is_one_of_n_and_the_rest_is_ranked_with_the_worst_value_for_it(
    door: Door, behaviour: str, code: str
) -> None:
    door.ended("good")
    status = door.ended(behaviour)
    assert status["state"] == "scored"
    assert status["case_failures"] == {code: 1}
    assert status["cases"] == {"scored": CASES - 1, "failed": 1, "total": CASES}
    rows = {row["method"]: row for row in door.board()["rows"]}
    # the same pictures, one of them missing: worse than the complete entry, and shown as missing
    assert rows[behaviour]["failures"] == {code: 1}
    assert rows[behaviour]["cases"] == CASES - 1
    assert rows[behaviour]["rank"] > rows["good"]["rank"]


def test_a_container_that_looks_for_a_network_finds_loopback_alone_and_goes_on(door: Door) -> None:
    assert door.ended("looks-for-a-network")["state"] == "scored"


def test_a_container_that_looks_for_the_references_finds_none(door: Door) -> None:
    assert door.ended("looks-for-references")["state"] == "scored"
