"""The README's table of L+S's parts: what makes it runs, and what the README concludes from it holds."""

from __future__ import annotations

import pytest

from baselines.cine.training import ROOT
from baselines.low_rank_sparse.parts import BEGIN, END, METHODS, SCANS, measure, table
from evaluators.phantoms.sizes import CineSize

SIZE = CineSize(nx=48, ny=36, coils=4, slices=1, frames=6)


def test_with_one_coil_only_the_sparse_part_fills_a_line_that_was_never_measured() -> None:
    found = measure(persons=1, size=SIZE)
    floor, sense, low_rank, sparse, both = (
        found["cine short axis, one coil", method]
        for method in ("zero-filled", "CG-SENSE", "L alone", "S alone", "L+S")
    )
    for at in range(2):
        assert sense[at] == pytest.approx(floor[at], abs=0.005)
        assert low_rank[at] < floor[at] + 0.02
        assert sparse[at] > floor[at] + 0.05
        assert both[at] > floor[at] + 0.05
    lines = list(table(found))
    assert len(lines) == 2 + len(SCANS)
    assert all(line.count("|") == len(METHODS) + 2 for line in lines)


def test_the_readme_holds_the_table_that_the_command_writes() -> None:
    text = (ROOT / "baselines" / "low_rank_sparse" / "README.md").read_text()
    rows = text.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    assert rows[0] == f"| scan | {' | '.join(METHODS)} |"
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]] == list(SCANS)
