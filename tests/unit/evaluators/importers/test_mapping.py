"""CMRxRecon 2023's mapping and single-coil trees: cases, references with times and labels, and what is said of bad files."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluators.contract.sealing import new_key, unseal
from evaluators.importers import LAYOUTS
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.problems import ImportProblems
from tests.unit.evaluators.importers.download import write_download, write_mat73
from tests.unit.evaluators.importers.mapping_download import (
    TE,
    TI,
    full_kspace,
    label_map,
    write_mapping,
    write_times,
)

nib: Any = import_module("nibabel")

LAYOUT = {True: "cmrxrecon-2023-mapping", False: "cmrxrecon-2023-mapping-single"}


def imported(root: Path, *, coils: bool = True, **options: Any) -> ImportedDataset:
    return LAYOUTS[LAYOUT[coils]](
        root=root, set_name="TestSet", staging=root / "staging", key=None, seed="s", **options
    )


def official_image(full: np.ndarray) -> np.ndarray:
    """kdata2img and multicoilkdata2img of loadFun.py, plane by plane: h5py's order -> (x, y, slice, t)."""
    data = full if full.ndim == 5 else full[:, :, None]
    image = np.zeros((data.shape[4], data.shape[3], data.shape[1], data.shape[0]))
    for t, s, c in np.ndindex(*data.shape[:3]):
        plane = data[t, s, c].T
        image[:, :, s, t] += np.abs(np.sqrt(plane.size) * np.fft.ifftshift(np.fft.ifft2(np.fft.fftshift(plane)))) ** 2
    return np.sqrt(image)


@pytest.mark.parametrize("coils", [True, False])
def test_a_mapping_case_sees_kspace_mask_and_times_and_is_scored_with_image_times_and_labels(
    tmp_path: Path, coils: bool
) -> None:
    write_mapping(tmp_path, coils=coils)
    found = imported(tmp_path, coils=coils)
    assert found.manifest.layout == LAYOUT[coils]
    assert len(found.manifest.cases) == 12
    case = next(c for c in found.manifest.cases if (c.unit, c.strata) == ("P002", {"af": "8", "weighting": "T1"}))
    tree = "MultiCoil" if coils else "SingleCoil"
    folder = f"{tree}/Mapping/TestSet/AccFactor08/{{name}}"
    assert [file.path for file in case.inputs] == [
        f"{folder}/T1map.mat",
        f"{folder}/T1map_mask.mat",
        f"{folder}/T1map.csv",
    ]
    full = f"{tree}/Mapping/TestSet/FullSample/P002/T1map"
    assert [file.path for file in case.references] == [f"{full}.npy", f"{full}_times.npy", f"{full}_label.npy"]
    image, times, labels = (np.load(found.files[file.sha256]) for file in case.references)
    assert image.shape == case.shape == (16, 40, 2, 9)
    assert image == pytest.approx(official_image(full_kspace("T1map", seed=2, coils=coils)), rel=1e-5)
    assert times.dtype == np.float32
    assert times.tolist() == TI.T.tolist()
    # left ventricle 1, myocardium 2, right ventricle 3: in this family the challenge's codes are ours already
    assert labels.tolist() == label_map().tolist()


def test_one_column_of_echo_times_serves_all_slices(tmp_path: Path) -> None:
    write_mapping(tmp_path)
    found = imported(tmp_path, only={"weighting": frozenset({"T2"})})
    assert {case.strata["weighting"] for case in found.manifest.cases} == {"T2"}
    times = np.load(found.files[found.manifest.cases[0].references[1].sha256])
    assert times.tolist() == np.repeat(TE.T, 2, axis=0).tolist()


def test_labels_of_cine_and_mapping_come_out_in_one_code(tmp_path: Path) -> None:
    write_download(tmp_path, subjects=1)
    roi = tmp_path / "SingleCoil/Cine/TestSet/SegmentROI/P001"
    roi.mkdir(parents=True)
    for view, shape in (("sax", (16, 40, 3)), ("lax", (17, 33, 1))):
        labels = np.zeros(shape, dtype=np.uint8)
        labels[1, 1], labels[2, 2], labels[3, 3] = 1, 2, 3  # left ventricle, right ventricle, myocardium
        nib.save(nib.Nifti1Image(labels, np.eye(4)), roi / f"cine_{view}_label.nii.gz")
    found = LAYOUTS["cmrxrecon"](root=tmp_path, set_name="TestSet", staging=tmp_path / "s", key=None, seed="s")
    case = next(case for case in found.manifest.cases if case.strata["view"] == "sax")
    assert [file.path[-10:] for file in case.references] == ["ne_sax.npy", "_label.npy"]
    stored = np.load(found.files[case.references[1].sha256])
    assert (stored[1, 1, 0], stored[2, 2, 0], stored[3, 3, 0]) == (1, 3, 2)


def test_cine_does_without_a_label_that_others_have_and_mapping_does_not(tmp_path: Path) -> None:
    write_download(tmp_path)
    roi = tmp_path / "SingleCoil/Cine/TestSet/SegmentROI/P001"
    roi.mkdir(parents=True)
    nib.save(nib.Nifti1Image(np.ones((16, 40, 3), dtype=np.uint8), np.eye(4)), roi / "cine_sax_label.nii.gz")
    found = LAYOUTS["cmrxrecon"](root=tmp_path, set_name="TestSet", staging=tmp_path / "s", key=None, seed="s")
    labelled = {(c.unit, c.strata["view"]) for c in found.manifest.cases if len(c.references) == 2}
    assert labelled == {("P001", "sax")}


def test_hidden_times_and_labels_are_sealed_as_the_image_is(tmp_path: Path) -> None:
    write_mapping(tmp_path)
    key = new_key()
    found = LAYOUTS["cmrxrecon-2023-mapping"](
        root=tmp_path, set_name="TestSet", staging=tmp_path / "staging", key=key, seed="s"
    )
    for file in found.manifest.cases[0].references:
        content = found.files[file.sha256].read_bytes()
        assert b"NUMPY" not in content
        assert np.load(io.BytesIO(unseal(content, key=key, path=file.path))).size


def test_without_labels_anywhere_a_case_has_image_and_times(tmp_path: Path) -> None:
    write_mapping(tmp_path, labels=False)
    assert {len(case.references) for case in imported(tmp_path).manifest.cases} == {2}


def test_single_coil_cine_is_a_layout_of_its_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    base = tmp_path / "SingleCoil/Cine/ValidationSet"
    full = (rng.normal(size=(2, 1, 40, 16)) + 1j * rng.normal(size=(2, 1, 40, 16))).astype(np.complex64)
    lines = np.zeros((40, 16))
    lines[::4] = lines[18:22] = 1
    write_mat73(base / "FullSample/P001/cine_sax.mat", "kspace_single_full", full)
    write_mat73(base / "AccFactor04/P001/cine_sax.mat", "kspace_single_sub04", full * lines)
    write_mat73(base / "AccFactor04/P001/cine_sax_mask.mat", "mask04", lines)
    found = LAYOUTS["cmrxrecon-2023-single"](
        root=tmp_path, set_name="ValidationSet", staging=tmp_path / "s", key=None, seed="s"
    )
    (case,) = found.manifest.cases
    assert case.strata == {"af": "4", "view": "sax"}
    assert np.load(found.files[case.references[0].sha256]) == pytest.approx(official_image(full), rel=1e-5)


def _no_times(base: Path, roi: Path) -> None:
    (base / "AccFactor04/P001/T1map.csv").unlink()


def _seconds(base: Path, roi: Path) -> None:
    write_times(base / "FullSample/P001/T1map.csv", TI / 1000)


def _few_rows(base: Path, roi: Path) -> None:
    write_times(base / "FullSample/P001/T1map.csv", TI[:8])


def _one_slice_less(base: Path, roi: Path) -> None:
    write_times(base / "FullSample/P001/T1map.csv", np.hstack([TI] * 2)[:, :0])


def _words(base: Path, roi: Path) -> None:
    (base / "FullSample/P001/T1map.csv").write_text("TI,ms\n" + "TI1,fast,slow\n" * 9)


def _ragged(base: Path, roi: Path) -> None:
    (base / "FullSample/P001/T1map.csv").write_text("head\n" + "TI,1,2\n" * 8 + "TI,1\n")


def _constant(base: Path, roi: Path) -> None:
    write_times(base / "FullSample/P001/T2map.csv", np.full((3, 2), 55.0))


def _other_times(base: Path, roi: Path) -> None:
    write_times(base / "AccFactor10/P002/T1map.csv", TI + 1)


def _binary_times(base: Path, roi: Path) -> None:
    (base / "FullSample/P001/T1map.csv").write_bytes(b"\xff\xfe\x00")


def _no_label(base: Path, roi: Path) -> None:
    (roi / "P002/T1map_label.nii.gz").unlink()


def _label_of_another_size(base: Path, roi: Path) -> None:
    nib.save(nib.Nifti1Image(label_map()[:, :, :1], np.eye(4)), roi / "P001/T1map_label.nii.gz")


def _foreign_label(base: Path, roi: Path) -> None:
    nib.save(nib.Nifti1Image(label_map() + 2, np.eye(4)), roi / "P001/T1map_label.nii.gz")


def _empty_label(base: Path, roi: Path) -> None:
    nib.save(nib.Nifti1Image(0 * label_map(), np.eye(4)), roi / "P001/T1map_label.nii.gz")


def _broken_label(base: Path, roi: Path) -> None:
    path = roi / "P001/T1map_label.nii.gz"
    path.write_bytes(path.read_bytes()[:-20])


def _dark_picture(base: Path, roi: Path) -> None:
    full = full_kspace("T2map", seed=1, coils=True)
    full[2, 1] = 0
    write_mat73(base / "FullSample/P001/T2map.mat", "kspace_full", full)


@pytest.mark.parametrize(
    ("harm", "path", "wanted", "found"),
    [
        (_no_times, "AccFactor04/P001/T1map.csv", "a file", "no such file"),
        (_seconds, "FullSample/P001/T1map.csv", "inversion times in ms", "seconds?"),
        (_few_rows, "FullSample/P001/T1map.csv", "9 rows of a name and 2 numbers", "8 rows"),
        (_one_slice_less, "FullSample/P001/T1map.csv", "2 numbers", "0 numbers a row"),
        (_words, "FullSample/P001/T1map.csv", "inversion times", "'TI1,fast,slow' in line 2"),
        (_ragged, "FullSample/P001/T1map.csv", "2 numbers", "rows of 1 and 2 numbers"),
        (_constant, "FullSample/P001/T2map.csv", "echo times", "1 different times in a slice, the fit needs 2"),
        (_other_times, "AccFactor10/P002/T1map.csv", "the times of MultiCoil", "others"),
        (_binary_times, "FullSample/P001/T1map.csv", "inversion times", "no csv text"),
        (_no_label, "SegmentROI/P002/T1map_label.nii.gz", "a file", "no such file"),
        (_label_of_another_size, "SegmentROI/P001/T1map_label.nii.gz", "(16, 40, 2)", "(16, 40, 1)"),
        (_foreign_label, "SegmentROI/P001/T1map_label.nii.gz", "labels 0, 1, 2, 3", "4"),
        (_empty_label, "SegmentROI/P001/T1map_label.nii.gz", "labels 1, 2, 3", "zeros alone"),
        (_broken_label, "SegmentROI/P001/T1map_label.nii.gz", "a NIfTI file", "ends before its data"),
        (_dark_picture, "FullSample/P001/T2map.mat", "signal in every picture", "slice 2, frame 3"),
    ],
)
def test_a_bad_file_of_a_mapping_set_is_named_with_what_was_wanted_and_found(
    tmp_path: Path, harm: Callable[[Path, Path], None], path: str, wanted: str, found: str
) -> None:
    base = write_mapping(tmp_path)
    harm(base, tmp_path / "SingleCoil/Mapping/TestSet/SegmentROI")
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path)
    problem = next(problem for problem in caught.value.problems if problem.path.endswith(path))
    assert wanted in problem.wanted
    assert found in problem.found
    staging = tmp_path / "staging"
    assert not staging.exists() or not list(staging.iterdir())


def test_a_choice_that_leaves_nothing_says_so(tmp_path: Path) -> None:
    write_mapping(tmp_path)
    with pytest.raises(
        ImportProblems, match="cases with weighting T3, found none; there are af 4/8/10, weighting T1/T2"
    ):
        imported(tmp_path, only={"weighting": frozenset({"T3"})})
