"""One case at a time: what is timed, what a case costs that fails, and who stands on a board of speed. Through the real engine."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from tests.integration.door.conftest import CASES, TIMED, Door

pytestmark = pytest.mark.engine

#: of the phase, seconds
CASE_TIME = 6


def row(door: Door, method: str) -> dict[str, Any]:
    return next(row for row in door.board(TIMED)["rows"] if row["method"] == method)


def case_seconds(door: Door, code: str) -> dict[int, float]:
    """What the site keeps of a run; no page or document tells it of hidden data."""
    with sqlite3.connect(door.stack.var / "site.sqlite3", timeout=30) as connection:
        query = "SELECT e.run FROM submissions_submission s JOIN evaluations_evaluation e ON s.evaluation_id = e.id WHERE s.code = ?"
        (run,) = connection.execute(query, [code]).fetchone()
    return {int(case): seconds for case, seconds in json.loads(run)["case_seconds"].items()}


def test_the_first_case_is_not_timed_and_every_other_one_is(door: Door) -> None:
    status = door.ended("asked-slow-start", phase=TIMED)
    assert (status["state"], status["cases"]["scored"]) == ("scored", CASES)
    timed = case_seconds(door, status["id"])
    assert sorted(timed) == list(range(1, CASES))
    # one later case slept for 3 s, and is in the mean
    assert sum(seconds >= 3 for seconds in timed.values()) == 1
    shown = row(door, "asked-slow-start")
    assert shown["seconds_a_case"] * (CASES - 1) == round(sum(timed.values()))
    # the 8 s of the warm-up are part of the run, not of the cases' time
    assert sum(timed.values()) + 8 <= shown["seconds"] + 1


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [("asked-hangs", "TIMEOUT"), ("asked-dies", "EXIT_CODE"), ("asked-eats-memory", "OOM_RAM")],
)
def test_a_case_that_ends_its_container_fails_alone_and_costs_its_whole_limit(
    door: Door, behaviour: str, code: str
) -> None:
    status = door.ended(behaviour, phase=TIMED)
    assert status["state"] == "scored"
    assert status["case_failures"] == {code: 1}
    assert status["cases"] == {"scored": CASES - 1, "failed": 1, "total": CASES}
    assert list(case_seconds(door, status["id"]).values()).count(CASE_TIME) == 1


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("asked-prints", "PROTOCOL"),
        ("asked-answers-ahead", "PROTOCOL"),
        ("asked-ends-at-once", "NO_OUTPUT"),
        ("asked-closes-stdout", "PROTOCOL"),
        ("exits-3", "EXIT_CODE"),
    ],
)
def test_a_container_that_does_not_keep_to_the_mode_fails_as_a_whole(door: Door, behaviour: str, code: str) -> None:
    status = door.ended(behaviour, phase=TIMED)
    assert (status["state"], status["failure"]["code"]) == ("failed", code)


def test_a_container_sees_the_case_that_it_is_asked_for_and_no_other(door: Door) -> None:
    status = door.ended("asked-peeks", phase=TIMED)
    assert (status["state"], status["cases"]["scored"]) == ("scored", CASES)


def test_what_is_written_after_the_last_answer_is_missing(door: Door) -> None:
    assert door.ended("asked-writes-later", phase=TIMED)["case_failures"] == {"MISSING_FILE": 1}


def test_work_that_is_done_after_its_answer_is_missing_and_costs_the_whole_limit(door: Door) -> None:
    status = door.ended("asked-answers-first", phase=TIMED)
    assert status["case_failures"] == {"MISSING_FILE": CASES - 1}
    assert set(case_seconds(door, status["id"]).values()) == {CASE_TIME}


def test_the_board_of_speed_ranks_by_seconds_who_beats_the_baseline_at_the_gate(door: Door) -> None:
    door.ended("asked", phase=TIMED)
    assert row(door, "asked")["note"].startswith("nobody passes the gate yet: half has no scores here")
    door.wait_for(door.submit("asked-half", "--baseline", method="Half", phase=TIMED), "scored")
    for behaviour in ("asked-slow-start", "asked-hangs"):
        door.ended(behaviour, phase=TIMED)
    board = door.board(TIMED)
    quick, slow, hung, half = (row(door, method) for method in ("asked", "asked-slow-start", "asked-hangs", "Half"))
    assert quick["rank"] < slow["rank"] < hung["rank"]
    assert quick["rank"] == 1
    assert half["rank"] is None
    assert half["note"].startswith("below the gate: SSIM ")
    assert "better than half" in half["note"]
    # behind everybody who has a rank
    assert all(one["rank"] is None for one in board["rows"][board["rows"].index(half) :])
    assert "pass the gate the seconds a case decide" in board["rule"]
    told = door.assay("board", TIMED)
    assert f"no rank: Half: {half['note']}" in told


def test_the_task_says_how_a_container_is_asked_and_the_line_opens_its_stdin(door: Door) -> None:
    page = door.http.get(f"{door.stack.url}/c/door/timed").text
    assert "the container gets one case at a time" in page
    assert "{&quot;done&quot;:1}" in page
    line = door.get(f"phases/{TIMED}")["docker_line"]
    assert line.startswith("docker run --rm --interactive ")
