"""`make demo-full TRACK=kspace` on the smallest scans: its own data, its library files and a baseline's container, ranked everywhere."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from compose.tracks import read_track
from tests.integration.demo.small import boards_of

# twelve datasets, three challenges and six runs: minutes where other work shares the machine
pytestmark = [pytest.mark.engine, pytest.mark.timeout(1500)]
SIZE = ("--size", "48x40x2x2x3")


def test_the_track_brings_its_data_and_ranks_a_baseline_on_every_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = read_track("kspace")
    track = dataclasses.replace(
        full,
        datasets=tuple(dataclasses.replace(one, phantom=(*one.phantom, *SIZE)) for one in full.datasets),
        entrants=dict.fromkeys(full.phases, tuple(one for one in full.methods if one.folder == "zero_filled")),
    )
    boards = boards_of(track, folder=tmp_path, monkeypatch=monkeypatch)
    # without the U-Net nobody can pass the gate, and the row says so
    (quick,) = boards.pop("cine-speed/cine-multicoil/test")
    assert (quick["rank"], quick["failures"]) == (None, {})
    assert quick["seconds_a_case"] is not None
    assert "unet has no scores here" in quick["note"]
    for rows in boards.values():
        assert [(row["method"], row["rank"], row["baseline"], row["failures"]) for row in rows] == [
            ("Zero-filled", 1, True, {})
        ]
    (restless,) = boards["cine-robustness/cine-multicoil/test"]
    assert {"motion=breath-hold", "motion=free-breathing", "motion=arrhythmia"} <= set(restless["strata"])
    assert "evaluations" in capsys.readouterr().out
