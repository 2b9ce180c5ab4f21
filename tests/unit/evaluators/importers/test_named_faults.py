"""Four faults that downloads really have, in every year's tree: each is told with file, variable and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest

from evaluators.importers import LAYOUTS
from evaluators.importers.problems import ImportProblems, Problem
from tests.unit.evaluators.importers.download import FACTORS, SHAPES, kspace, mask, write_download, write_mat73
from tests.unit.evaluators.importers.later_years import CINE, sampling, write_case
from tests.unit.evaluators.importers.mapping_download import write_mapping


@dataclass(frozen=True, kw_only=True)
class Tree:
    layout: str
    write: Callable[[Path], object]
    full: str
    full_variable: str
    kspace: str
    kspace_variable: str
    mask: str
    mask_variable: str
    axes: str


#: 2025's place of a patient
PLACE = "Center001/UIH_30T_umr780/P001"


def _cine_single(root: Path) -> None:
    """One subject of 2023's single-coil cine, (t, slice, ky, kx)."""
    base = root / "SingleCoil/Cine/TestSet"
    for view in SHAPES:
        whole = kspace(view, seed=1)[:, :, 0]
        write_mat73(base / f"FullSample/P001/cine_{view}.mat", "kspace_single_full", whole)
        for factor in FACTORS:
            folder, kept = base / f"AccFactor{factor:02d}/P001", mask(view, factor)
            write_mat73(folder / f"cine_{view}.mat", f"kspace_single_sub{factor:02d}", whole * kept)
            write_mat73(folder / f"cine_{view}_mask.mat", f"mask{factor:02d}", kept)


def _later(root: Path, *, home: str, task: str, place: str, tag: str, frames: int | None) -> None:
    year = "" if task in {"Task1", "Task2"} else f"_{task}"
    write_case(
        full=root / home / f"FullSample{year}/{place}/cine_sax.mat",
        kspace=root / home / f"UnderSample_{task}/{place}/cine_sax_kus_{tag}.mat",
        mask=root / home / f"Mask_{task}/{place}/cine_sax_mask_{tag}.mat",
        shape=CINE,
        kept=sampling(tag.rstrip("0123456789"), 8, frames=frames),
    )


def _tree_2023(layout: str, *, coils: bool, write: Callable[[Path], object], scan: str) -> Tree:
    tree, single, family = ("MultiCoil", "", scan) if coils else ("SingleCoil", "single_", scan)
    home = f"{tree}/{'Cine' if family.startswith('cine') else 'Mapping'}/TestSet"
    return Tree(
        layout=layout,
        write=write,
        full=f"{home}/FullSample/P001/{scan}.mat",
        full_variable=f"kspace_{single}full",
        kspace=f"{home}/AccFactor08/P001/{scan}.mat",
        kspace_variable=f"kspace_{single}sub08",
        mask=f"{home}/AccFactor08/P001/{scan}_mask.mat",
        mask_variable="mask08",
        axes="(t, slice, coil, ky, kx)" if coils else "(t, slice, ky, kx)",
    )


def _tree_later(layout: str, *, home: str, task: str, place: str, tag: str, frames: int | None) -> Tree:
    year = f"_{task}" if "2025" in layout else ""
    return Tree(
        layout=layout,
        write=lambda root: _later(root, home=home, task=task, place=place, tag=tag, frames=frames),
        full=f"{home}/FullSample{year}/{place}/cine_sax.mat",
        full_variable="kspace_full",
        kspace=f"{home}/UnderSample_{task}/{place}/cine_sax_kus_{tag}.mat",
        kspace_variable="kus",
        mask=f"{home}/Mask_{task}/{place}/cine_sax_mask_{tag}.mat",
        mask_variable="mask",
        axes="(t, slice, coil, ky, kx)",
    )


HOME = "MultiCoil/Cine/TestSet"
TREES = [
    _tree_2023("cmrxrecon", coils=True, write=write_download, scan="cine_sax"),
    _tree_2023("cmrxrecon-2023-single", coils=False, write=_cine_single, scan="cine_lax"),
    _tree_2023("cmrxrecon-2023-mapping", coils=True, write=write_mapping, scan="T1map"),
    _tree_2023(
        "cmrxrecon-2023-mapping-single", coils=False, write=lambda root: write_mapping(root, coils=False), scan="T2map"
    ),
    _tree_later("cmrxrecon-2024-task1", home=HOME, task="Task1", place="P001", tag="Uniform8", frames=None),
    _tree_later("cmrxrecon-2024-task2", home=HOME, task="Task2", place="P001", tag="ktGaussian8", frames=5),
    _tree_later("cmrxrecon-2024-task2", home=HOME, task="Task2", place="P001", tag="ktRadial8", frames=5),
    *(
        _tree_later(
            f"cmrxrecon-2025-{task.lower()}",
            home=f"Task{task}/{HOME}",
            task=f"Task{task}",
            place=PLACE,
            tag=f"{pattern}8",
            frames=5,
        )
        for task, pattern in {"R1": "ktRadial", "R2": "ktGaussian", "S1": "ktUniform", "S2": "Uniform"}.items()
    ),
]
every_tree = pytest.mark.parametrize("tree", TREES, ids=lambda tree: f"{tree.layout}-{Path(tree.mask).stem}")


def problem_of(root: Path, tree: Tree, path: str) -> Problem:
    with pytest.raises(ImportProblems) as caught:
        LAYOUTS[tree.layout](root=root, set_name="TestSet", staging=root / "staging", key=None, seed="s")
    assert not (root / "staging").exists()
    found = [problem for problem in caught.value.problems if problem.path == path]
    assert len(found) == 1, caught.value
    return found[0]


def stored(path: Path) -> np.ndarray:
    """The one array of a file, complex where it is."""
    with h5py.File(path) as file:
        values: np.ndarray = next(iter(file.values()))[()]
    return values["real"] + 1j * values["imag"] if values.dtype.names else values


@every_tree
def test_the_tree_is_good_as_it_is_written(tmp_path: Path, tree: Tree) -> None:
    tree.write(tmp_path)
    found = LAYOUTS[tree.layout](root=tmp_path, set_name="TestSet", staging=tmp_path / "s", key=None, seed="s")
    assert found.manifest.cases


@every_tree
@pytest.mark.parametrize("where", ["full", "kspace", "mask"])
@pytest.mark.parametrize("share", [0.99, 0.3])
def test_a_truncated_file(tmp_path: Path, tree: Tree, where: str, share: float) -> None:
    tree.write(tmp_path)
    path: str = getattr(tree, where)
    content = (tmp_path / path).read_bytes()
    (tmp_path / path).write_bytes(content[: int(share * len(content))])
    problem = problem_of(tmp_path, tree, path)
    # 2025's full samples may have either of two names
    assert getattr(tree, f"{where}_variable") in str(problem.variable).split(" or ")
    assert problem.wanted == "a MATLAB v7.3 (HDF5) file"
    assert "truncated" in problem.found


@every_tree
@pytest.mark.parametrize("where", ["full", "kspace", "mask"])
def test_an_empty_file(tmp_path: Path, tree: Tree, where: str) -> None:
    tree.write(tmp_path)
    path: str = getattr(tree, where)
    (tmp_path / path).write_bytes(b"")
    problem = problem_of(tmp_path, tree, path)
    assert getattr(tree, f"{where}_variable") in str(problem.variable).split(" or ")
    assert (problem.wanted, problem.found) == ("a MATLAB v7.3 (HDF5) file", "an empty file, 0 bytes")


def test_every_layout_meets_every_fault() -> None:
    # `cmrxrecon` is the short name of 2023's multi-coil cine
    assert {tree.layout.replace("cmrxrecon-2023", "cmrxrecon") for tree in TREES} == {
        name.replace("cmrxrecon-2023", "cmrxrecon") for name in LAYOUTS if name.startswith("cmrxrecon")
    }


@every_tree
@pytest.mark.parametrize("where", ["full", "kspace"])
def test_axes_in_matlabs_own_order(tmp_path: Path, tree: Tree, where: str) -> None:
    tree.write(tmp_path)
    path, variable = getattr(tree, where), getattr(tree, f"{where}_variable")
    write_mat73(tmp_path / path, variable, stored(tmp_path / path).T)
    problem = problem_of(tmp_path, tree, path)
    assert problem.variable == variable
    assert f"{tree.axes} as stored, MATLAB's order reversed" in problem.wanted
    assert "the last two are not the largest" in problem.found


@every_tree
def test_a_mask_with_kx_and_ky_exchanged(tmp_path: Path, tree: Tree) -> None:
    tree.write(tmp_path)
    path = tmp_path / tree.mask
    write_mat73(path, tree.mask_variable, stored(path).swapaxes(-1, -2))
    problem = problem_of(tmp_path, tree, tree.mask)
    assert problem.variable == tree.mask_variable
    assert problem.wanted.startswith("the plane (ky, kx) of the full sample")
    assert problem.found.endswith(": (kx, ky)?")


@every_tree
def test_k_space_whose_frames_and_slices_are_exchanged(tmp_path: Path, tree: Tree) -> None:
    tree.write(tmp_path)
    path = tmp_path / tree.kspace
    write_mat73(path, tree.kspace_variable, stored(path).swapaxes(0, 1))
    problem = problem_of(tmp_path, tree, tree.kspace)
    assert problem.variable == tree.kspace_variable
    assert problem.wanted.startswith("the shape of the full sample")


@every_tree
def test_a_missing_mask(tmp_path: Path, tree: Tree) -> None:
    tree.write(tmp_path)
    (tmp_path / tree.mask).unlink()
    problem = problem_of(tmp_path, tree, tree.mask)
    assert str(problem) == (
        f"{tree.mask} ({tree.mask_variable}): wanted a file, as others of this scan are there, found no such file"
    )


@every_tree
@pytest.mark.parametrize("where", ["full", "kspace"])
def test_real_doubles_in_place_of_complex_singles(tmp_path: Path, tree: Tree, where: str) -> None:
    tree.write(tmp_path)
    path, variable = getattr(tree, where), getattr(tree, f"{where}_variable")
    write_mat73(tmp_path / path, variable, np.abs(stored(tmp_path / path)).astype(np.float64), width="f8")
    problem = problem_of(tmp_path, tree, path)
    assert problem.variable == variable
    assert "complex numbers, single precision, as {real, imag} of float32" in problem.wanted
    assert problem.found == "real numbers, float64"


def test_data_that_cannot_be_unpacked(tmp_path: Path) -> None:
    write_download(tmp_path)
    path = tmp_path / f"{HOME}/FullSample/P001/cine_sax.mat"
    values = np.zeros((2, 3, 2, 40, 16), dtype=[("real", "<f4"), ("imag", "<f4")])
    values["real"] = np.random.default_rng(0).normal(size=values.shape)
    with h5py.File(path, "w", userblock_size=512) as file:
        data = file.create_dataset("kspace_full", data=values, chunks=(1, 3, 2, 40, 16), compression="gzip")
        place = data.id.get_chunk_info(0)
    with path.open("r+b") as raw:
        raw.seek(512 + place.byte_offset + 40)
        raw.write(b"\xff" * 200)
    problem = problem_of(tmp_path, TREES[0], f"{HOME}/FullSample/P001/cine_sax.mat")
    assert problem.variable == "kspace_full"
    assert problem.wanted == "data that can be read"
    assert "damaged" in problem.found
