"""The committed weights of the brain lesions are what baseline.yaml says, and every gate that it states was measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import yaml

from baselines.cine.report import note_of_file
from baselines.lesions.data import GATE_SEED, cases
from baselines.lesions.measure import GRID
from baselines.lesions.volumes import Network, segment
from baselines.mome import infer as mome
from baselines.unet_lesions import infer as unet
from evaluators.phantoms.brain.heads import HeadSet

ROOT = Path(__file__).parents[3]
NETWORKS: dict[str, Callable[[], Network]] = {"mome": mome.network, "unet_lesions": unet.network}


def _measured(name: str) -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "baselines" / name / "baseline.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = document["measured"]
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_are_small_and_say_how_they_were_made(name: str) -> None:
    path = ROOT / "baselines" / name / "weights.safetensors"
    assert path.stat().st_size < 8_000_000
    stated = _measured(name)["weights"]
    assert stated == note_of_file(path)
    assert stated["command"] == f"python -m baselines.{name}.train --size cpu --seed 0"
    assert stated["seconds"] > 0


@pytest.mark.parametrize(("name", "letters"), [("mome", "abcde"), ("unet_lesions", "b")])
def test_every_gate_was_measured_and_is_told_as_what_it_is(name: str, letters: str) -> None:
    gates = _measured(name)["gates"]
    assert {gate["gate"][0] for gate in gates} == set(letters)
    for gate in gates:
        assert gate["passed"] is (gate["value"] >= gate["limit"])
    assert [gate["gate"][0] for gate in gates if not gate.get("decides", True)] == (["e"] if name == "mome" else [])


def _dice(network: Network, *, modality: str = "") -> float:
    """Mean over two heads of the gates, all five modalities or one."""
    found = []
    for case in cases(seed=GATE_SEED, heads=2, of=HeadSet.SEEN, real=False, grid=GRID):
        if modality not in {"", case.modality}:
            continue
        mask = segment(case.volume, spacing=(GRID.spacing,) * 3, network=network) > 0
        found.append(float(2 * np.sum(mask & case.reference) / (mask.sum() + case.reference.sum())))
    return fmean(found)


def test_one_model_for_all_modalities_is_ahead_of_its_best_expert_alone() -> None:
    # gate a of the file's own measurement, on fewer heads
    assert _dice(mome.network()) >= _dice(mome.network("best")) + 0.05


@pytest.mark.parametrize("name", NETWORKS)
def test_lesions_that_flair_shows_are_found(name: str) -> None:
    assert _dice(NETWORKS[name](), modality="flair") > 0.4
