"""The CMRxRecon 2024 trees: contrasts of task 1, k-t masks of task 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluators.importers import LAYOUTS
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.problems import ImportProblems
from tests.unit.evaluators.importers.download import write_mat73
from tests.unit.evaluators.importers.later_years import CINE, NX, NY, ONE_FRAME, sampling, write_case

#: folder -> scan, shape
CONTRASTS = {
    "Cine": ("cine_lvot", CINE),
    "Aorta": ("aorta_sag", CINE),
    "Mapping": ("T1map", CINE),
    "Tagging": ("tagging", CINE),
    "Flow2d": ("flow2d", CINE),
    "BlackBlood": ("blackblood", ONE_FRAME),
}


def imported(root: Path, task: str, *, set_name: str = "TestSet") -> ImportedDataset:
    return LAYOUTS[f"cmrxrecon-2024-{task.lower()}"](
        root=root, set_name=set_name, staging=root / "staging", key=None, seed="s"
    )


def write_scan(
    root: Path, *, task: str, folder: str, scan: str, shape: tuple[int, ...], tag: str, kept: np.ndarray
) -> None:
    base = root / "MultiCoil" / folder / "TestSet"
    write_case(
        full=base / f"FullSample/P001/{scan}.mat",
        kspace=base / f"UnderSample_{task}/P001/{scan}_kus_{tag}.mat",
        mask=base / f"Mask_{task}/P001/{scan}_mask_{tag}.mat",
        shape=shape,
        kept=kept,
    )


@pytest.fixture
def task1(tmp_path: Path) -> Path:
    for folder, (scan, shape) in CONTRASTS.items():
        kept = sampling("Uniform", 8, frames=None)
        write_scan(tmp_path, task="Task1", folder=folder, scan=scan, shape=shape, tag="Uniform8", kept=kept)
    return tmp_path


@pytest.fixture
def task2(tmp_path: Path) -> Path:
    for pattern, factor in (("ktUniform", 4), ("ktGaussian", 12), ("ktRadial", 24)):
        kept, tag = sampling(pattern, factor, frames=CINE[0]), f"{pattern}{factor}"
        write_scan(tmp_path, task="Task2", folder="Cine", scan="cine_sax", shape=CINE, tag=tag, kept=kept)
    return tmp_path


def test_every_contrast_is_a_stratum_and_black_blood_has_one_frame(task1: Path) -> None:
    cases = imported(task1, "Task1").manifest.cases
    assert {case.strata["modality"] for case in cases} == set(CONTRASTS)
    assert {(case.strata["pattern"], case.strata["af"]) for case in cases} == {("Uniform", "8")}
    shapes = {case.strata["modality"]: case.shape for case in cases}
    assert shapes["BlackBlood"] == (NX, NY, 2, 1)
    assert shapes["Cine"] == (NX, NY, 2, 5)
    cine = next(case for case in cases if case.strata["modality"] == "Cine")
    assert cine.strata["view"] == "lvot"
    assert [file.path for file in cine.inputs] == [
        # the test phase of that year mounts MultiCoil as /input
        "Cine/TestSet/UnderSample_Task1/{name}/cine_lvot_kus_Uniform8.mat",
        "Cine/TestSet/Mask_Task1/{name}/cine_lvot_mask_Uniform8.mat",
    ]
    assert cine.references[0].path == "MultiCoil/Cine/TestSet/FullSample/P001/cine_lvot.npy"


def test_every_pattern_and_factor_of_a_scan_is_a_case_with_one_reference(task2: Path) -> None:
    cases = imported(task2, "Task2").manifest.cases
    assert {(case.strata["pattern"], case.strata["af"]) for case in cases} == {
        ("ktUniform", "4"),
        ("ktGaussian", "12"),
        ("ktRadial", "24"),
    }
    assert len({case.references[0] for case in cases}) == 1


def test_a_full_sample_that_nothing_was_taken_from_is_left_alone(task2: Path) -> None:
    write_mat73(task2 / "MultiCoil/Cine/TestSet/FullSample/P002/cine_sax.mat", "kspace_full", np.ones((1, 1)))
    assert {case.unit for case in imported(task2, "Task2").manifest.cases} == {"P001"}


def test_a_training_set_has_nothing_to_give_to_a_container(tmp_path: Path) -> None:
    write_mat73(tmp_path / "MultiCoil/Cine/TrainingSet/FullSample/P001/cine_sax.mat", "kspace_full", np.ones((1, 1)))
    with pytest.raises(ImportProblems, match="under-sampled, found none"):
        imported(tmp_path, "Task1", set_name="TrainingSet")


def test_without_any_modality_the_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems, match=r"MultiCoil/\*/TestSet: wanted this folder of a set .TrainingSet"):
        imported(tmp_path, "Task1")


def _mask(root: Path, tag: str, values: np.ndarray) -> None:
    write_mat73(root / f"MultiCoil/Cine/TestSet/Mask_Task2/P001/cine_sax_mask_{tag}.mat", "mask", values)


def _too_few_frames(root: Path) -> None:
    _mask(root, "ktUniform4", sampling("ktUniform", 4, frames=4))


def _no_frames(root: Path) -> None:
    _mask(root, "ktUniform4", sampling("ktUniform", 4, frames=None))


def _frames_last(root: Path) -> None:
    _mask(root, "ktUniform4", sampling("ktUniform", 4, frames=5).transpose(1, 2, 0))


def _no_centre(root: Path) -> None:
    values = sampling("ktRadial", 24, frames=5)
    values[3, NY // 2, NX // 2] = 0
    _mask(root, "ktRadial24", values)


def _everything(root: Path) -> None:
    _mask(root, "ktRadial24", np.ones((5, NY, NX)))


def _wrong_frame(root: Path) -> None:
    values = sampling("ktUniform", 4, frames=5)
    _mask(root, "ktUniform4", np.roll(values, 1, axis=0))


def _wrong_points(root: Path) -> None:
    values = np.roll(sampling("ktRadial", 24, frames=5), 7, axis=1)
    values[:, NY // 2 - 3 : NY // 2 + 3, NX // 2 - 3 : NX // 2 + 3] = 1
    _mask(root, "ktRadial24", values)


def _unknown_pattern(root: Path) -> None:
    base = root / "MultiCoil/Cine/TestSet/Mask_Task2/P001"
    (base / "cine_sax_mask_ktUniform4.mat").rename(base / "cine_sax_mask_ktSpiral4.mat")


def _no_full(root: Path) -> None:
    (root / "MultiCoil/Cine/TestSet/FullSample/P001/cine_sax.mat").unlink()


@pytest.mark.parametrize(
    ("harm", "path", "wanted", "found"),
    [
        (_too_few_frames, "cine_sax_mask_ktUniform4.mat", "one plane for each of 5 frames", "4"),
        (_no_frames, "cine_sax_mask_ktUniform4.mat", "one plane for each of 5 frames", "1"),
        (_frames_last, "cine_sax_mask_ktUniform4.mat", "the plane (ky, kx) of the full sample", "(48, 32, 5)"),
        (_no_centre, "cine_sax_mask_ktRadial24.mat", "the central 4 x 4 points", "gaps there in frame 4"),
        (_everything, "cine_sax_mask_ktRadial24.mat", "for factor 24", "1536 in frame 1"),
        (_wrong_frame, "cine_sax_kus_ktUniform4.mat", "samples on the lines of cine_sax_mask_ktUniform4.mat", "lines"),
        (_wrong_points, "cine_sax_kus_ktRadial24.mat", "samples at the points of", "points"),
        (_unknown_pattern, "cine_sax_mask_ktSpiral4.mat", "cine_sax.mat, cine_lax.mat", "another name"),
        (_no_full, "FullSample/P001/cine_sax.mat", "a file", "no such file"),
    ],
)
def test_a_bad_file_is_named_with_what_was_wanted_and_found(
    task2: Path, harm: Callable[[Path], None], path: str, wanted: str, found: str
) -> None:
    harm(task2)
    with pytest.raises(ImportProblems) as caught:
        imported(task2, "Task2")
    problem = next(problem for problem in caught.value.problems if problem.path.endswith(path))
    assert wanted in problem.wanted
    assert found in problem.found
