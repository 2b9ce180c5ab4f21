"""The tables of baselines/README.md are those of the baseline.yaml files, and a missed gate is told as missed."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest

from baselines import table


def test_the_readme_is_what_the_files_say() -> None:
    text = table.README.read_text(encoding="utf-8")
    assert table.with_tables(text) == text, "run python -m baselines.table"


def test_every_method_and_every_gate_stands_in_it() -> None:
    text = table.tables()
    for document in table.documents().values():
        own = document["measured"].get("table")
        rows = own["rows"] if own else [[document["title"], "simulated hearts", "full frame"]]
        assert rows
        for row in rows:
            assert f"\n| {' | '.join(row)} |" in text
        for gate in document["measured"]["gates"]:
            name = gate["gate"].replace("|", r"\|")  # a bar would end the cell
            assert f"| {name} | {gate['value']:g} |" in text


def test_a_method_that_was_never_measured_is_in_no_table_and_told_as_in_the_making() -> None:
    making = {path.parent.name for path in table.FOLDER.glob("*/baseline.yaml")} - set(table.documents())
    text = table.README.read_text(encoding="utf-8")
    for folder in making:
        assert f"]({folder}/README.md)" not in text
        assert re.search(rf"`{folder}/`.* in the making", text), folder


def test_a_missed_gate_stays_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    found = deepcopy(table.documents())
    gate = found["unet"]["measured"]["gates"][0]
    gate.update(passed=False, value=0.001)
    found["zero_filled"]["measured"]["gates"] = []
    monkeypatch.setattr(table, "documents", lambda: found)
    text = table.tables()
    assert f"| {gate['gate']} | 0.001 | {gate['limit']:g} | MISSED |" in text
    (line,) = [line for line in text.splitlines() if line.startswith("| [U-Net]")]
    assert ", 1 MISSED |" in line
    (line,) = [line for line in text.splitlines() if line.startswith("| [E2E-VarNet]")]
    assert "MISSED" not in line


def test_a_gate_that_decides_nothing_is_told_and_counts_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    found = deepcopy(table.documents())
    gates = found["unet"]["measured"]["gates"]
    gates.append({"gate": "z: told", "value": 0.1, "limit": 0.8, "passed": False, "decides": False})
    monkeypatch.setattr(table, "documents", lambda: found)
    text = table.tables()
    assert "| z: told | 0.1 | 0.8 | does NOT hold (told, decides nothing) |" in text
    (line,) = [line for line in text.splitlines() if line.startswith("| [U-Net]")]
    assert line.endswith(f"| {len(gates) - 1} passed |")


def test_the_rivals_of_a_diffusion_stand_beside_it() -> None:
    mean = table.documents()["d3gm"]["measured"]["mean"]
    rows = [
        line
        for line in table.tables().splitlines()
        if any(line.startswith(f"| {one} |") for one in table.PROCESSES.values())
    ]
    assert len(rows) == len(table.PROCESSES)
    assert f"| {mean['e/score/psnr']:.2f} ± " in rows[-1]


def test_a_method_stands_with_its_paper_and_the_size_of_its_network() -> None:
    (line,) = [line for line in table.tables().splitlines() if line.startswith("| [U-Net]")]
    # as card.yaml says it
    assert "https://arxiv.org/abs/1811.08839" in line
    assert "| 0.48 million |" in line


def test_a_readme_without_marks_is_told_what_it_needs() -> None:
    with pytest.raises(ValueError, match="must hold the lines"):
        table.with_tables("nothing")
