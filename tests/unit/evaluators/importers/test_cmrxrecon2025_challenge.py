"""The library's cmrxrecon-2025 asks what its layouts give: the path and the strata of every case."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.challenges.reading import read_file
from evaluators.contract.datasets import NAME
from evaluators.importers import LAYOUTS
from tests.integration.years.later import CONTRACTS
from tests.unit.assay.samples import LIBRARY
from tests.unit.evaluators.library import tasks_of

TASKS = tasks_of("cmrxrecon-2025")


def test_the_file_reads_and_has_a_board_for_each_regular_task() -> None:
    plan = read_file(text=(LIBRARY / "cmrxrecon-2025.yaml").read_text(), filename="cmrxrecon-2025.yaml")
    assert [task.spec.layout for task in plan.tasks] == ["cmrxrecon-2025-r1", "cmrxrecon-2025-r2"]


@pytest.mark.parametrize("name", TASKS)
def test_every_case_of_a_tree_has_its_place_and_its_strata(tmp_path: Path, name: str) -> None:
    task = TASKS[name]
    contract = CONTRACTS[task.layout]
    contract.write(tmp_path / "data")
    staging = tmp_path / "staging"
    found = LAYOUTS[task.layout](root=tmp_path / "data", set_name="TestSet", staging=staging, key=None, seed="s")
    cases = found.manifest.cases
    assert len(cases) == contract.cases
    assert len({task.answer(case.inputs[0].path.replace(NAME, case.group)) for case in cases}) == len(cases)
    for case in cases:
        for stratum, told in task.strata.items():
            assert case.strata[stratum] in {str(value) for value in told.values}


def test_what_ranks_follows_the_reference_and_no_pixel_of_an_answer() -> None:
    for task in TASKS.values():
        assert {use.options.get("order", "declared") for use in task.metrics} == {"declared"}
