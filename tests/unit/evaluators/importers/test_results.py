"""Trees of result files true to each year's validation phase: matched with cases, scored by the reader that scores containers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.tasks import TaskSpec
from evaluators.importers.results import Results, find_results
from evaluators.readers import read
from evaluators.sandbox.tools.zipped import list_entries, opened
from evaluators.tasks import KINDS
from tests.unit.evaluators.sandbox.zips import write_zip
from tests.unit.evaluators.tasks.specs import reconstruction_task


@dataclass(frozen=True, kw_only=True)
class Year:
    """input: the first file of two cases. shape: of the scan. result: where the year's own script saves it, and how large."""

    layout: str
    template: str
    answer: str
    inputs: tuple[str, str]
    shape: tuple[int, int, int, int]
    results: tuple[str, str]
    saved: tuple[int, ...]


_2023 = "MultiCoil/Cine/ValidationSet/AccFactor04/P001/cine_"
_2024 = "Mapping/ValidationSet/UnderSample_Task1/P0"
_2025 = "TaskR1/MultiCoil/T1w/ValidationSet/UnderSample_TaskR1/Center001/UIH_30T_umr780/P007/T1w_kus_Uniform"
YEARS = [
    Year(
        layout="cmrxrecon-2023",
        template="MultiCoil/Cine/{set}/AccFactor{af:02d}/{subject}/cine_{view}.mat",
        answer="same-as-input",
        inputs=(f"{_2023}lax.mat", f"{_2023}sax.mat"),
        shape=(48, 40, 5, 12),
        results=(f"Submission/{_2023}lax.mat", f"Submission/{_2023}sax.mat"),
        saved=(16, 20, 2, 3),
    ),
    Year(
        layout="cmrxrecon-2024-task1",
        template="{modality}/{set}/UnderSample_Task1/{subject}/{view}_kus_{pattern}{af}.mat",
        answer="{modality}/{set}/Task1/{subject}/{view}_kus_{pattern}{af}.mat",
        inputs=(f"{_2024}01/T1map_kus_Uniform4.mat", f"{_2024}02/T1map_kus_Uniform8.mat"),
        shape=(48, 41, 1, 9),
        results=(
            "Mapping/ValidationSet/Task1/P001/T1map_kus_Uniform4.mat",
            "Mapping/ValidationSet/Task1/P002/T1map_kus_Uniform8.mat",
        ),
        # 41/2 = 20.5 goes up
        saved=(16, 21, 1, 9),
    ),
    Year(
        layout="cmrxrecon-2025-r1",
        template=(
            "TaskR1/MultiCoil/{modality}/{set}/UnderSample_TaskR1/{center}/{vendor}/{subject}/{view}_kus_{pattern}{af}.mat"
        ),
        answer="same-as-input",
        inputs=(f"{_2025}8.mat", f"{_2025}16.mat"),
        shape=(48, 40, 1, 1),
        results=(f"zip/Submission/{_2025}8.mat", f"zip/Submission/{_2025}16.mat"),
        # MATLAB drops the axes of length 1
        saved=(16, 20),
    ),
]


def task_of(year: Year) -> TaskSpec:
    task = reconstruction_task(
        layout=year.layout, input=year.template, metrics=[{"metric": "ssim", "region": "challenge-crop"}]
    )
    output = task.output.model_copy(update={"path": year.answer, "shape": "ranked"})
    return task.model_copy(update={"output": output})


def cases_of(year: Year) -> list[JobCase]:
    task = task_of(year)
    found = []
    for index, path in enumerate(year.inputs):
        some = FileRef(path=path, sha256="0" * 64, size=1)
        found.append(
            JobCase(
                index=index, strata={}, inputs=(some,), references=(some,), shape=year.shape, answer=task.answer(path)
            )
        )
    return found


def saved(shape: tuple[int, ...]) -> bytes:
    """A .mat as the year's own script saves it."""
    buffer = io.BytesIO()
    values = np.random.default_rng(1).random(shape, dtype=np.float32)
    scipy.io.savemat(buffer, {"img4ranking": values}, do_compression=True)
    return buffer.getvalue()


def found_in(folder: Path, files: Mapping[str, bytes], *, cases: Sequence[JobCase], link: str = "") -> Results:
    """What a team's ZIP of these files, and perhaps a link, comes to."""
    path = folder / "predictions.zip"
    write_zip(path, files, links=[link] if link else [])
    with opened(path) as archive:
        listing = list_entries(archive, max_entries=100, max_bytes=2**20)
    return find_results(listing, expected=[case.output for case in cases])


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year.layout)
def test_a_validation_tree_of_that_year_enters_as_it_is(tmp_path: Path, year: Year) -> None:
    task, cases = task_of(year), cases_of(year)
    files = {path: saved(year.saved) for path in year.results}
    found = found_in(tmp_path, {**files, "readme.txt": b"Team name: CMRchallenger"}, cases=cases)
    assert (found.missing, found.problems) == ((), ())
    for case in cases:
        (wanted,) = KINDS["reconstruction"].expects(case=case, task=task)
        file = tmp_path / "one.mat"
        file.write_bytes(files[found.files[case.output]])
        array = read(file, spec=wanted)
        assert array.shape == wanted.shape == (*year.saved, 1, 1)[:4]


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year.layout)
def test_what_is_missing_and_what_answers_no_case_is_told_file_by_file(tmp_path: Path, year: Year) -> None:
    cases = cases_of(year)
    first = year.results[0]
    names = (first, first.replace(".mat", "_final.mat"), f"{first.rpartition('/P0')[0]}/P099/x.mat")
    found = found_in(tmp_path, dict.fromkeys(names, b"x"), cases=cases)
    assert found.missing == (cases[1].output,)
    near, far = sorted(found.problems, key=lambda problem: "P099" in problem.path)
    assert near.path == cases[0].output.replace(".mat", "_final.mat")
    assert cases[0].output.rpartition("/")[2] in near.wanted
    assert far.wanted == f"a path like {min(case.output for case in cases)}"


def test_a_file_that_lies_outside_the_tree_is_told(tmp_path: Path) -> None:
    cases = cases_of(YEARS[1])
    astray = f"rest/{YEARS[1].results[1]}"
    found = found_in(tmp_path, {YEARS[1].results[0]: b"x", astray: b"x"}, cases=cases)
    assert (found.missing, [problem.path for problem in found.problems]) == ((cases[1].output,), [astray])
    first, second = (f"{folder}/{path}" for folder, path in zip("ab", YEARS[1].results, strict=True))
    (problem,) = found_in(tmp_path, {first: b"x", second: b"x"}, cases=cases).problems
    assert (problem.path, problem.found) == (second, "a file outside a/")


def test_a_link_is_no_result(tmp_path: Path) -> None:
    year = YEARS[0]
    cases = cases_of(year)
    found = found_in(tmp_path, {year.results[0]: b"x"}, cases=cases, link=year.results[1])
    assert found.missing == (cases[1].output,)
    assert [(problem.path, problem.found) for problem in found.problems] == [(cases[1].output, "a link")]


def test_an_archive_of_other_things_misses_everything(tmp_path: Path) -> None:
    cases = cases_of(YEARS[0])
    found = found_in(tmp_path, {"notes/readme.txt": b"x"}, cases=cases)
    assert found.missing == tuple(case.output for case in cases)
