"""`make demo-full TRACK=segmentation` on the fewest subjects: variants of two recipes, each ranked on the boards that it enters."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from compose.native import ROOT
from compose.tracks import TrackDataset, read_track
from tests.integration.demo.small import boards_of

# eight datasets, two challenges and five runs: minutes where other work shares the machine
pytestmark = [pytest.mark.engine, pytest.mark.timeout(1500)]
VARIANTS = {
    "mome:best": "MoME: best",
    "topology_refinement:threshold-closing": "Topology refinement: threshold-closing",
}


def fewest(dataset: TrackDataset) -> TrackDataset:
    """The same with two phantoms and nothing real."""
    words = list(dataset.phantom)
    words[words.index("--subjects") + 1] = "2"
    if "--real" in words:
        words[words.index("--real") + 1] = "0"
    return dataclasses.replace(dataset, phantom=tuple(words))


def test_variants_are_ranked_on_the_boards_that_they_enter_and_on_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = [sys.executable, str(ROOT / "baselines" / "runtime" / "build.py"), "--only"]
    subprocess.run([*build, *(word for name in VARIANTS for word in ("--baseline", name))], check=True)
    full = read_track("segmentation")
    track = dataclasses.replace(
        full,
        datasets=tuple(map(fewest, full.datasets)),
        entrants={
            phase: tuple(one for one in methods if one.recipe in VARIANTS) for phase, methods in full.entrants.items()
        },
    )
    boards = boards_of(track, folder=tmp_path, monkeypatch=monkeypatch)
    for phase, rows in boards.items():
        name = VARIANTS["mome:best" if phase.startswith("brain-lesions/") else "topology_refinement:threshold-closing"]
        assert [(row["method"], row["rank"], row["cases"], row["failures"]) for row in rows] == [(name, 1, 2, {})]
    # a threshold alone outlines bright structures, thin ones too thickly; the data's seed is another one every time
    for task in ("pictures", "volumes"):
        (row,) = boards[f"topology/{task}/test"]
        assert row["metrics"]["dice"] > 0.3
