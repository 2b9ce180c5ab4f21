"""A track run as `make demo-full` runs it, in a folder of a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compose import tracks
from compose.demo import run
from compose.native import Stack
from compose.steps import Steps
from compose.tracks import Track
from tests.integration.served import free_port, kept_small


def boards_of(track: Track, *, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, Any]]]:
    """Phase -> rows of its board, after every method was ranked wherever it enters."""
    monkeypatch.setattr(tracks, "ROOT", folder)
    monkeypatch.setattr("compose.demo.ROOT", folder)
    track.out.mkdir(parents=True)
    stack = Stack(
        var=folder / "site",
        work_root=folder / "evaluator",
        port=free_port(),
        environment={"ASSAY_DATABASE_URL": f"sqlite:///{folder / 'site' / 'site.sqlite3'}"},
    )
    with kept_small(stack):
        assert run(track, stack=stack, steps=Steps(track.out / "steps.tsv"), fresh=False) == 0
    told = json.loads((track.out / "leaderboards.json").read_text())
    boards = {board["phase"]: board["rows"] for board in told["boards"]}
    assert tuple(boards) == track.phases
    return boards
