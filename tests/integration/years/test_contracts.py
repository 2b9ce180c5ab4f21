"""A container of each year's contract, unchanged, through the whole door: where it reads, where it writes, what it calls it."""

from __future__ import annotations

import pytest

from tests.integration.years.conftest import Years
from tests.integration.years.later import CONTRACTS, Contract

pytestmark = pytest.mark.engine
FACTORS = {"af=4", "af=8", "af=10"}


@pytest.mark.parametrize(
    ("task", "cases", "strata"),
    [
        ("cine-multicoil", 6, FACTORS | {"view=sax", "view=lax"}),
        ("cine-singlecoil", 6, FACTORS | {"view=sax", "view=lax"}),
        ("t1-mapping", 3, FACTORS | {"weighting=T1"}),
        ("t2-mapping", 3, FACTORS | {"weighting=T2"}),
    ],
)
def test_one_container_of_2023_is_ranked_on_each_of_its_four_boards(
    years: Years, task: str, cases: int, strata: set[str]
) -> None:
    board = years.board(year="2023", phase=f"cmrxrecon-2023/{task}/test")
    (row,) = board["rows"]
    assert (row["rank"], row["cases"], row["failures"]) == (1, cases, {})
    assert set(row["strata"]) == strata
    assert 0.1 < row["metrics"]["ssim"] < 1
    # four times undersampled is nearer to the truth than ten times
    assert row["strata"]["af=4"]["nmse"] < row["strata"]["af=10"]["nmse"] < 1
    if task.endswith("-mapping"):
        # an error of a time that a heart has, not of one that was never found
        assert 0 < row["metrics"]["myocardium_error"] < 1
        assert 0 < row["metrics"]["blood_rmse"] < {"t1-mapping": 2000, "t2-mapping": 500}[task]


@pytest.mark.parametrize("task", ["cine-multicoil", "cine-singlecoil", "t1-mapping", "t2-mapping"])
def test_our_baseline_stands_beside_that_container_with_the_same_scores(years: Years, task: str) -> None:
    phase = f"cmrxrecon-2023/{task}/test"
    years.board(year="2023", phase=phase)
    board = years.board_with("assay-baseline/zero_filled:latest", phase=phase, method="our-zero-filled")
    theirs, ours = sorted(board["rows"], key=lambda row: row["method"] == "our-zero-filled")
    assert ours["failures"] == {}
    assert ours["cases"] == theirs["cases"]
    for key, value in theirs["metrics"].items():
        assert ours["metrics"][key] == pytest.approx(value, rel=1e-3), key


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_a_container_of_a_later_year_finds_its_input_and_its_output_is_found(years: Years, contract: Contract) -> None:
    board = years.board(year=contract.year, phase=f"{contract.layout}/whole/test")
    (row,) = board["rows"]
    assert (row["rank"], row["cases"], row["failures"]) == (1, contract.cases, {})
    assert set(row["strata"]) == {f"{name}={value}" for name, values in contract.strata.items() for value in values}
    assert 0 < row["metrics"]["ssim"] < 1
