"""What of a dataset a task cannot score is told case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assay.challenges.fits import CaseFacts, misfits
from assay.challenges.plan import read_plan
from tests.unit.assay.samples import CHALLENGE

SPEC = read_plan(CHALLENGE.replace("path: same-as-input", 'path: "{subject}/{view}_{af:02d}.mat"')).tasks[0].spec
GOOD = CaseFacts(
    label="case 01",
    strata={"af": "4", "view": "sax", "anatomy": "phantom"},
    shape=(40, 32, 2, 3),
    affine=None,
    inputs=("MultiCoil/Cine/TestSet/AccFactor04/{name}/cine_sax.mat",),
    references=("MultiCoil/Cine/TestSet/FullSample/{name}/cine_sax.npy",),
)


def test_a_case_with_everything_fits() -> None:
    assert list(misfits([GOOD], spec=SPEC)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"references": ()}, "case 02 has no image, which the task needs"),
        ({"inputs": ()}, "case 02 has no input file"),
        ({"inputs": ("elsewhere/cine_sax.mat",)}, "the paths of case 02 do not follow `input`"),
        ({"shape": (40, 32, 3)}, "case 02 has 3 axes, output names 4"),
        ({"strata": {"af": "4", "view": "sax"}}, 'case 02 has no value for the stratum "anatomy"'),
        ({"strata": {**GOOD.strata, "af": "6"}}, 'case 02 has "6" for the stratum "af"'),
    ],
)
def test_every_case_that_lacks_something_is_told(change: dict[str, Any], told: str) -> None:
    bad = replace(GOOD, label="case 02", **change)
    found = list(misfits([GOOD, bad, replace(bad, label="case 03")], spec=SPEC))
    assert [each.message for each in found] == [told, told.replace("case 02", "case 03")]
    assert all(each.fix for each in found)
