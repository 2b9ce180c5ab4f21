"""Every sample of every under-sampled file is looked at: one bad number or one leaked sample anywhere is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from evaluators.importers import LAYOUTS
from evaluators.importers.problems import ImportProblems, Problem
from tests.unit.evaluators.importers.download import write_download
from tests.unit.evaluators.importers.later_years import CINE, sampling, write_case

#: stored whole, and as MATLAB compresses it: in chunks that go through several frames and slices
STORED = {"contiguous": None, "chunks": (2, 2, 1, 24, 16)}
#: layout -> k-space of one scan, its variable, its mask's file
FILES = {
    "cmrxrecon-2023": ("MultiCoil/Cine/TestSet/AccFactor04/P001/cine_sax.mat", "kspace_sub04", "cine_sax_mask.mat"),
    "cmrxrecon-2024-task2": (
        "MultiCoil/Cine/TestSet/UnderSample_Task2/P001/cine_sax_kus_ktRadial8.mat",
        "kus",
        "cine_sax_mask_ktRadial8.mat",
    ),
}


def write(root: Path, layout: str) -> None:
    if layout == "cmrxrecon-2023":
        write_download(root, subjects=1)
        return
    base = root / "MultiCoil/Cine/TestSet"
    write_case(
        full=base / "FullSample/P001/cine_sax.mat",
        kspace=root / FILES[layout][0],
        mask=base / "Mask_Task2/P001/cine_sax_mask_ktRadial8.mat",
        shape=CINE,
        kept=sampling("ktRadial", 8, frames=CINE[0]),
    )


def harmed(root: Path, layout: str, *, stored: str, harm: Callable[[np.ndarray], None]) -> list[Problem]:
    """What is told of the file whose values were harmed."""
    write(root, layout)
    path, variable, _ = FILES[layout]
    with h5py.File(root / path, "r+") as file:
        values = file[variable][()]
        del file[variable]
        harm(values)
        chunks = STORED[stored]
        compression = None if chunks is None else "gzip"
        file.create_dataset(variable, data=values, chunks=chunks, compression=compression)
    try:
        LAYOUTS[layout](root=root, set_name="TestSet", staging=root / "staging", key=None, seed="s")
    except ImportProblems as problems:
        return list(problems.problems)
    return []


everywhere = pytest.mark.parametrize("layout", FILES)
however = pytest.mark.parametrize("stored", STORED)


@everywhere
@however
@pytest.mark.parametrize("part", ["real", "imag"])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_one_number_that_is_none_is_told_with_its_place(
    tmp_path: Path, layout: str, stored: str, part: str, number: float
) -> None:
    def harm(values: np.ndarray) -> None:
        values[part][1, 0, 1, 5, 3] = number

    (problem,) = harmed(tmp_path, layout, stored=stored, harm=harm)
    assert (problem.path, problem.variable) == FILES[layout][:2]
    assert (problem.wanted, problem.found) == (
        "finite numbers",
        "NaN or infinity at frame 2, slice 1, coil 2, ky 6, kx 4",
    )


@however
def test_one_fully_sampled_picture_of_one_coil_is_told_with_its_first_other_line(tmp_path: Path, stored: str) -> None:
    def harm(values: np.ndarray) -> None:
        values["real"][1, 2, 1] = 1

    (problem,) = harmed(tmp_path, "cmrxrecon-2023", stored=stored, harm=harm)
    path, variable, mask = FILES["cmrxrecon-2023"]
    assert (problem.path, problem.variable) == (path, variable)
    assert problem.wanted == f"samples on the lines of {mask} alone"
    # 40 lines, of which every fourth and four in the centre are sampled, one of them twice
    assert problem.found.startswith("samples on 27 other lines, the first at frame 2, slice 3, coil 2, ky 2, kx 1")


@however
def test_one_other_point_of_a_pattern_of_points_is_told(tmp_path: Path, stored: str) -> None:
    ky, kx = np.argwhere(sampling("ktRadial", 8, frames=CINE[0])[2] == 0)[-1]

    def harm(values: np.ndarray) -> None:
        values["imag"][2, 1, 2, ky, kx] = 1e-30

    (problem,) = harmed(tmp_path, "cmrxrecon-2024-task2", stored=stored, harm=harm)
    assert problem.wanted == f"samples at the points of {FILES['cmrxrecon-2024-task2'][2]} alone"
    place = f"frame 3, slice 2, coil 3, ky {ky + 1}, kx {kx + 1}"
    assert problem.found == f"samples on 1 other points, the first at {place}"


@everywhere
@however
def test_an_empty_picture_is_told(tmp_path: Path, layout: str, stored: str) -> None:
    def harm(values: np.ndarray) -> None:
        values[1, 1] = 0

    (problem,) = harmed(tmp_path, layout, stored=stored, harm=harm)
    assert (problem.wanted, problem.found) == ("signal in every picture", "zeros alone in slice 2, frame 2")


@everywhere
@however
def test_minus_zero_is_no_sample_and_large_numbers_are_finite(tmp_path: Path, layout: str, stored: str) -> None:
    def harm(values: np.ndarray) -> None:
        empty = values["real"] == 0
        values["real"] *= np.float32(1e30)
        values["real"][empty] = -0.0

    assert harmed(tmp_path, layout, stored=stored, harm=harm) == []
