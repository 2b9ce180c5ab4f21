"""What a demo leaves behind: the boards, where the minutes went, and a sentence for every method without a rank."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from compose import tables, tracks
from compose.demo import unranked, write
from compose.door import Door
from compose.native import ROOT, Stack, StackError
from compose.steps import Steps
from compose.tracks import Track, read_track


def row(method: str, rank: int | None) -> dict[str, Any]:
    metrics = {"ssim": 0.9, "ssim_full": None if rank is None else 0.8}
    strata = {"af=4": {"ssim_full": metrics["ssim_full"]}}
    return {"rank": rank, "team": "t", "method": method, "baseline": True, "metrics": metrics, "strata": strata, "cases": 6, "failures": {"MISSING_FILE": 2}}  # fmt: skip


@pytest.fixture
def track(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Track:
    full = read_track("kspace")
    monkeypatch.setattr(tracks, "ROOT", tmp_path)
    methods = tuple(method for method in full.methods if method.folder in {"zero_filled", "unet"})
    track = dataclasses.replace(full, entrants=dict.fromkeys(full.phases[:2], methods))
    track.out.mkdir(parents=True)
    return track


def boards(track: Track) -> list[dict[str, Any]]:
    first, second = track.phases
    return [
        {"phase": first, "rows": [row("U-Net", 1), row("Zero-filled", 2)]},
        {"phase": second, "rows": [row("U-Net", 1), row("Zero-filled", None)]},
    ]


def test_a_method_without_a_rank_is_named_with_its_board(track: Track) -> None:
    found = boards(track)
    assert unranked(track, boards=found) == ["Zero-filled is not ranked on cmrxrecon-2023/cine-singlecoil/test"]
    # a method whose submission never came is told too
    del found[0]["rows"][0]
    assert "U-Net is not ranked on cmrxrecon-2023/cine-multicoil/test" in unranked(track, boards=found)


def test_a_method_below_a_gate_stands_with_its_reason_and_its_seconds(
    track: Track, capsys: pytest.CaptureFixture[str]
) -> None:
    found = boards(track)
    below = found[1]["rows"][1]
    below["note"], below["seconds_a_case"] = "below the gate: SSIM 0.700", 1.234
    assert unranked(track, boards=found) == []
    # who was not even timed has a note too, and did not do what it should
    assert unranked(
        track,
        boards=[
            found[0],
            {**found[1], "rows": [row("U-Net", 1), {**row("Zero-filled", None), "note": "no case of it was timed"}]},
        ],
    )
    ended: dict[tuple[str, str], dict[str, Any]] = {
        (method.title, phase): {"seconds": 7.0} for method in track.methods for phase in track.phases
    }
    tables.tell(track, boards=found, steps=Steps(track.out / "steps.tsv"), ended=ended)
    told = capsys.readouterr().out
    assert told.count("s a case") == 1
    assert "1.23" in told


def test_all_boards_and_all_seconds_are_written(track: Track, capsys: pytest.CaptureFixture[str]) -> None:
    noted = track.out / "steps.tsv"
    for name in ("set-up, engine", "images"):
        subprocess.run([ROOT / "compose" / "timed.sh", noted, name, "sleep", "0.2"], check=True)
    steps = Steps(noted)
    with steps.step("evaluations"):
        pass
    ended: dict[tuple[str, str], dict[str, Any]] = {
        (method.title, phase): {"seconds": 70.0} for method in track.methods for phase in track.phases
    }
    ended["U-Net", track.phases[0]] = {"seconds": None}
    path = write(track, boards=boards(track), steps=steps, ended=ended)
    assert path == track.out / "leaderboards.json"
    document = json.loads(path.read_text())
    assert [board["phase"] for board in document["boards"]] == list(track.phases)
    assert list(document["steps"]) == ["set-up, engine", "images", "evaluations"]
    assert document["steps"]["images"] >= 0.2
    assert len(document["containers"]) == 4

    tables.tell(track, boards=boards(track), steps=steps, ended=ended)
    told = capsys.readouterr().out
    assert all(word in told for word in (*track.phases, "ssim_full by stratum", "seconds of each container", "together", "140", "–"))  # fmt: skip


def test_nobody_is_missed_on_a_board_that_he_does_not_enter(track: Track, capsys: pytest.CaptureFixture[str]) -> None:
    unet, zero = sorted(track.methods, key=lambda method: method.folder)
    first, second = track.phases
    split = dataclasses.replace(track, entrants={first: (unet, zero), second: (unet,)})
    assert unranked(split, boards=boards(track)) == []
    ended = {(method.title, phase): {"seconds": 70.0} for method, phase in split.entries}
    tables.tell(split, boards=boards(track), steps=Steps(track.out / "none"), ended=ended)
    told = capsys.readouterr().out
    assert next(line for line in told.splitlines() if "Zero-filled" in line and "70 │" in line).count("70") == 2


def test_a_track_of_one_board_writes_that_board_alone(track: Track) -> None:
    one = dataclasses.replace(track, entrants={track.phases[0]: track.methods})
    path = write(one, boards=boards(track)[:1], steps=Steps(one.out / "steps.tsv"), ended={})
    assert path.name == "leaderboard.json"
    assert json.loads(path.read_text()) == boards(track)[0]


def test_nobody_waits_for_an_evaluator_that_has_ended(tmp_path: Path) -> None:
    stack = Stack(var=tmp_path / "site", work_root=tmp_path / "work")
    stack.logs.mkdir(parents=True)
    (stack.logs / "evaluator.log").write_text(
        "assay/scorer:release-0123456789ab is of another release; run `make images`"
    )
    stack.processes["evaluator"] = subprocess.Popen(["false"])
    stack.processes["evaluator"].wait()
    with pytest.raises(StackError, match=r"evaluator ended with code 1:\n.*run `make images`"):
        Door(stack=stack, token="none", team="team").wait("4F7Q")


def test_a_command_that_fails_is_not_noted_as_done(tmp_path: Path) -> None:
    noted = tmp_path / "steps.tsv"
    done = subprocess.run([ROOT / "compose" / "timed.sh", noted, "images", "false"], check=False)
    assert done.returncode == 1
    assert Steps(noted).seconds == {}
