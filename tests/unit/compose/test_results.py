"""A track's page of results is its leaderboards.json in Markdown: every number of it, and none besides."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from compose.native import ROOT
from compose.results import page
from compose.tracks import read_track

DOCUMENT: dict[str, Any] = {
    "track": "kspace",
    "steps": {"images": 61.2, "evaluations": 600.0},
    "containers": [
        {"method": "U-Net", "phase": "cmrxrecon-2023/t1-mapping/test", "seconds": 12.4},
        {"method": "L+S", "phase": "cmrxrecon-2023/t1-mapping/test", "seconds": None},
    ],
    "cores": 2,
    "boards": [
        {
            "phase": "cmrxrecon-2023/t1-mapping/test",
            "rows": [
                {"rank": 1, "method": "U-Net", "metrics": {"ssim": 0.87654, "nmse": None}, "strata": {"af=4": {"ssim_full": 0.91234}}, "cases": 9, "failures": {}},
                {"rank": None, "method": "L+S", "metrics": {"ssim": None, "nmse": None}, "strata": {"af=4": {}}, "cases": 0, "failures": {"NO_OUTPUT": 9}},
            ],
        }
    ],
}  # fmt: skip


def test_boards_strata_and_minutes_stand_in_it_and_what_is_missing_is_shown_as_missing() -> None:
    text = page(read_track("kspace"), document=DOCUMENT, measured=datetime(2026, 11, 27, tzinfo=UTC))
    lines = text.splitlines()
    assert "| 1 | U-Net | 0.8765 | – | 9 | 0 |" in lines
    assert "| – | L+S | – | – | 0 | 9 |" in lines
    assert "| U-Net | 0.9123 |" in lines
    assert "| evaluations | 600 |" in lines
    assert "| L+S | – |" in lines
    assert "on 2 shared cores without a GPU, 27 November 2026" in text
    assert "11 minutes" in text
    assert "python -m compose.results kspace` from var/demo-full/kspace/leaderboards.json" in text


def test_a_board_of_timed_cases_has_their_seconds() -> None:
    (board,) = DOCUMENT["boards"]
    first, second = board["rows"]
    rows = [{**first, "seconds_a_case": 0.4567}, {**second, "seconds_a_case": None}]
    timed = {**DOCUMENT, "boards": [{**board, "rows": rows}]}
    lines = page(read_track("kspace"), document=timed, measured=datetime(2026, 11, 27, tzinfo=UTC)).splitlines()
    assert "| rank | method | ssim | nmse | s a case | cases | failures |" in lines
    assert "| 1 | U-Net | 0.8765 | – | 0.4567 | 9 | 0 |" in lines
    assert "s a case" not in page(read_track("kspace"), document=DOCUMENT, measured=datetime(2026, 11, 27, tzinfo=UTC))


def test_a_track_that_does_not_exist_or_never_ran_is_told() -> None:
    for words, code, told in (
        (["lungs"], 2, "there is no track 'lungs'"),
        # one board is leaderboard.json: this file never exists
        (["demo"], 1, "there is no var/demo/leaderboards.json; run"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "compose.results", *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code
        assert told in done.stderr
