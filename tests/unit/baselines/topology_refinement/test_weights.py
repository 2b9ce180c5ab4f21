"""The committed weights are what baseline.yaml says, and do on new phantoms what the table says."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import yaml

from baselines.cine.report import note_of_file
from baselines.topology_refinement.infer import WEIGHTS_FILE, method
from baselines.topology_refinement.measuring import scores
from baselines.topology_refinement.report import variants
from evaluators.phantoms.topology.phantom import SHAPES, simulate

MEASURED: dict[str, Any] = yaml.safe_load(Path(WEIGHTS_FILE).with_name("baseline.yaml").read_text())["measured"]


def test_weights_are_small_and_say_how_they_were_made() -> None:
    assert WEIGHTS_FILE.stat().st_size <= 4_000_000
    assert MEASURED["weights"] == note_of_file(WEIGHTS_FILE)
    assert MEASURED["weights"]["command"] == "python -m baselines.topology_refinement.train --size cpu --seed 0"
    assert MEASURED["weights"]["seconds"] > 0


def test_every_gate_was_measured_and_every_variant_stands_in_the_table() -> None:
    assert {gate["gate"][0] for gate in MEASURED["gates"]} == set("abcde")
    for gate in MEASURED["gates"]:
        assert gate["passed"] is (gate["value"] >= gate["limit"]), gate["gate"]
    assert {row[1] for row in MEASURED["table"]["rows"]} == set(variants())


@pytest.mark.parametrize("variant", ["network-a", "network-b", "network-a-refined"])
def test_on_new_phantoms_a_variant_scores_as_the_table_says(variant: str) -> None:
    segment = method(variant)
    phantoms = [simulate(seed=77, subject=number, shape=shape) for shape in SHAPES[2] for number in range(1, 5)]
    found = fmean(scores(segment(one.image), reference=one.mask)["dice"] for one in phantoms)
    assert found == pytest.approx(MEASURED["mean"][f"phantom/dice/{variant}"], abs=0.05)
