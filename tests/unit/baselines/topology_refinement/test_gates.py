"""A gate is met or missed for the reason that it names, and the block that it leaves says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from baselines.topology_refinement import report
from baselines.topology_refinement.measuring import measure, scores
from baselines.topology_refinement.model import After, Bundle, Upstream
from evaluators.phantoms.topology.phantom import Shape, simulate


def seed() -> dict[str, float]:
    """Means of one seed in which every gate is met."""
    found: dict[str, float] = {}
    for variant in report.variants():
        better = any(variant.endswith(family) for family in report.FAMILIES)
        values = (0.9, 0.9, 1.0, 1.0, 2.0, 2.0) if better else (0.9, 0.9, 2.0, 2.0, 4.0, 4.0)
        found |= {f"phantom/{metric}/{variant}": value for metric, value in zip(report.METRICS, values, strict=True)}
    found |= {f"identity/dice/{After.REFINED}": 0.99, f"identity/b0/{After.REFINED}": 0.0}
    return found


def verdicts(*seeds: dict[str, float]) -> dict[str, bool]:
    return {gate.name: gate.passed for gate in report.gates(list(seeds))}


def test_all_gates_are_met_by_a_method_that_halves_errors_at_no_cost() -> None:
    assert all(verdicts(seed(), seed()).values())
    assert [name[0] for name in verdicts(seed())] == list("aaaaaabcccdde")


@pytest.mark.parametrize(
    ("key", "value", "missed"),
    [
        ("phantom/b1/network-b-refined", 1.7, {"a: b1", "c: gate a on one network at least, Chebyshev"}),
        ("phantom/betti_without_specks/network-a-refined", 3.9, {"a: b0 + b1"}),
        ("phantom/dice/network-a-refined", 0.88, {"a: Dice"}),
        ("phantom/betti_without_specks/network-b-biased", 1.0, {"b: "}),
        ("identity/dice/refined", 0.97, {"d: Dice"}),
        ("identity/b0/refined", 0.1, {"d: minus b0"}),
        ("phantom/betti_without_specks/network-a-cldice-refined", 4.5, {"e: "}),
    ],
)
def test_one_bad_seed_misses_the_gate_that_names_it(key: str, value: float, missed: set[str]) -> None:
    found = verdicts(seed(), {**seed(), key: value})
    bad = {name for name, passed in found.items() if not passed}
    # a polynomial needs one network alone
    expected = {start for start in missed if not start.startswith("c:")}
    assert bad
    assert all(any(name.startswith(start) for start in expected) for name in bad)


def test_a_family_that_mends_no_network_misses_its_gate_alone() -> None:
    worse = {f"phantom/b1/{upstream}-hermite": 2.0 for upstream in report.UNSEEN}
    found = verdicts({**seed(), **worse})
    assert [name for name, passed in found.items() if not passed] == [
        "c: gate a on one network at least, Hermite: smallest margin"
    ]


def test_scores_count_a_torn_ring_and_a_speck() -> None:
    reference = simulate(seed=1, subject=2, shape=Shape.RINGS).mask
    perfect = scores(reference, reference=reference)
    assert perfect == {"dice": 1, "cldice": 1, "b0": 0, "b1": 0, "matching": 0, "betti_without_specks": 0}
    torn = reference.copy()
    rows = np.flatnonzero(reference.any(axis=1))
    torn[rows[0] : rows[0] + 4] = False
    torn[0, 0] = True
    found = scores(torn, reference=reference)
    assert found["b1"] >= 1
    assert found["b0"] == 1
    assert found["matching"] >= found["b0"] + found["b1"]
    # the speck is forgiven, the tear is not
    assert found["betti_without_specks"] == found["b1"]


def test_what_is_measured_is_what_gates_and_table_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measure(Bundle(dims=2, channels=4, dilated=4, refiner=4).eval(), each=1, retina=True)
    table = report.table([found, found])
    assert len(table["rows"]) == 2 * len(list(report.variants()))
    assert {len(row) for row in table["rows"]} == {len(table["columns"])}
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    (tmp_path / "baseline.yaml").write_text("baseline: x\n", encoding="utf-8")
    monkeypatch.setattr(
        report, "gates", lambda _: [report._gate("a: missed", 0.1, 0.2), report._gate(report._TOLD, -1, 0)]
    )
    for _ in range(2):
        report.record(measured=[found], each=1)
    text = (tmp_path / "baseline.yaml").read_text(encoding="utf-8")
    assert text.count(report.MARK) == 1
    missed, told = yaml.safe_load(text)["measured"]["gates"]
    assert missed == {"gate": "a: missed", "value": 0.1, "limit": 0.2, "passed": False}
    assert told["decides"] is False
    assert set(Upstream) == {variant for variant in report.variants() if variant in set(Upstream)}
