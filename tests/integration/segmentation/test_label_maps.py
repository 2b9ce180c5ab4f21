"""Label maps as containers write them, good and bad, a behaviour a case, through the real engine: what each is told."""

from __future__ import annotations

from collections import Counter

import pytest

from evaluators.contract.failures import HELP
from tests.integration.segmentation.conftest import CASES, PHASE, LabelMaps

pytestmark = pytest.mark.engine

#: behaviour -> (code, words of its detail); the others are read
BROKEN = {
    "another-spacing": ("BAD_GRID", "spacing along z is not 2 mm"),
    "flipped": ("BAD_GRID", "the other way along z: flipped"),
    "moved": ("BAD_GRID", "the origin lies"),
    "another-matrix": ("BAD_SHAPE", "found (12, 10, 7), expected (12, 10, 8)"),
    "interpolated": ("BAD_VALUE", "values between two labels"),
    "unknown-label": ("BAD_VALUE", "a label that the task does not name"),
    "four-axes": ("BAD_SHAPE", "found (12, 10, 8, 2), expected (12, 10, 8)"),
    "empty": ("BAD_FORMAT", "an empty file"),
    "header-lies": ("BAD_FORMAT", "it ends before its data"),
    "values-elsewhere": ("FORBIDDEN_FILE", "ElementDataFile = LOCAL"),
    "not-an-image": ("BAD_FORMAT", "not a file of the format nifti or mha"),
    "missing": ("MISSING_FILE", ""),
}


@pytest.fixture(scope="module")
def code(maps: LabelMaps) -> str:
    return maps.submitted("perfect-or-broken")


def test_every_case_is_read_or_told_by_its_own_fault(maps: LabelMaps, code: str) -> None:
    outcomes = maps.outcomes(code)
    assert {behaviour: told["code"] for behaviour, told in outcomes.items() if told} == {
        behaviour: wanted for behaviour, (wanted, _) in BROKEN.items()
    }
    for behaviour, (_, words) in BROKEN.items():
        told = outcomes[behaviour]
        assert told is not None
        assert words in told["detail"], behaviour


def test_the_team_is_told_how_many_of_each_and_what_to_do(maps: LabelMaps, code: str) -> None:
    counts = Counter(wanted for wanted, _ in BROKEN.values())
    status = maps.status(code)
    assert status["state"] == "scored"
    assert status["case_failures"] == counts
    assert status["cases"] == {"scored": CASES - len(BROKEN), "failed": len(BROKEN), "total": CASES}
    page = maps.page(code)
    for wanted, count in counts.items():
        assert f"{wanted} {count} of {CASES}" in status["sentence"]
        assert HELP[wanted].sentence in page
        assert f"/help/{wanted}" in page
    assert "Copy the affine from the input image" in page


def test_of_hidden_cases_the_page_tells_no_word_that_depends_on_what_was_written(maps: LabelMaps, code: str) -> None:
    page = maps.page(code)
    assert not any(words in page for _, words in BROKEN.values() if words)


def test_a_missing_case_ranks_with_the_worst_value_though_what_is_there_is_perfect(maps: LabelMaps, code: str) -> None:
    maps.submitted("modest")
    board = maps.board(PHASE)
    rows = {row["method"]: row for row in board["rows"]}
    perfect, modest = rows["perfect-or-broken"], rows["modest"]
    # shown means are of the cases that are there
    assert perfect["metrics"] == {"dice": 1.0, "hd95": 0.0}
    assert (perfect["cases"], perfect["failures"]) == (
        CASES - len(BROKEN),
        Counter(code for code, _ in BROKEN.values()),
    )
    # four voxels along x drawn as six, 1.5 mm apart
    assert modest["metrics"] == {"dice": pytest.approx(0.8), "hd95": pytest.approx(1.5)}
    assert (modest["rank"], perfect["rank"]) == (1, 2)


@pytest.mark.parametrize(
    ("task", "cases", "strata"),
    [
        ("seen", 6, {"lesion=tumour", "lesion=stroke", "lesion=wmh", "anatomy=phantom", "anatomy=real"}),
        ("unseen-scanner", 5, {"lesion=tumour", "lesion=stroke", "lesion=wmh", "anatomy=phantom"}),
        ("unseen-lesion", 6, {"anatomy=phantom", "anatomy=real"}),
    ],
)
def test_one_container_is_ranked_on_every_board_of_the_librarys_brain_lesions(
    maps: LabelMaps, task: str, cases: int, strata: set[str]
) -> None:
    phase = f"brain-lesions/{task}/test"
    maps.submitted("perfect-or-broken", phase=phase)
    board = maps.board(phase)
    (row,) = board["rows"]
    assert (row["rank"], row["cases"], row["failures"]) == (1, cases, {})
    assert set(row["strata"]) == strata | {f"modality={name}" for name in ("t1", "t1ce", "t2", "flair", "dwi")}
    # one image a subject
    assert (board["cases"], board["units"]) == (cases, cases)
    assert 0 <= row["metrics"]["dice"] < 0.2
    assert row["metrics"]["hd95"] > 4
