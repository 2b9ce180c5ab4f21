"""The CMRxRecon 2023 importer on files true to the format: what it hands back, and what it says of every bad file."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io

from evaluators.contract.sealing import SealBroken, new_key, unseal
from evaluators.importers import LAYOUTS
from evaluators.importers.dataset import ImportedDataset, draw_labels
from evaluators.importers.problems import ImportProblems
from tests.unit.evaluators.importers.download import FACTORS, SHAPES, kspace, mask, write_download, write_mat73

TEST_SET = "MultiCoil/Cine/TestSet"


def imported(root: Path, *, key: str | None = None, seed: str = "s", **options: Any) -> ImportedDataset:
    return LAYOUTS["cmrxrecon"](
        root=root, set_name="TestSet", staging=root / "staging", key=key, seed=seed, **{"strata_of": None, **options}
    )


def official_image(full: np.ndarray) -> np.ndarray:
    """multicoilkdata2img of the challenge's loadFun.py, rewritten plane by plane: (t, slice, coil, ky, kx) -> (x, y, slice, t)."""
    data = np.transpose(full, (4, 3, 2, 1, 0))
    nx, ny, coils, slices, frames = data.shape
    image = np.zeros((nx, ny, slices, frames))
    for s in range(slices):
        for t in range(frames):
            for c in range(coils):
                plane = np.sqrt(nx * ny) * np.fft.ifftshift(np.fft.ifft2(np.fft.fftshift(data[:, :, c, s, t])))
                image[:, :, s, t] += np.abs(plane) ** 2
    return np.sqrt(image)


def test_a_case_is_one_subject_view_and_factor(tmp_path: Path) -> None:
    write_download(tmp_path)
    manifest = imported(tmp_path, strata_of=lambda subject: {"anatomy": f"of {subject}"}).manifest
    assert (manifest.layout, manifest.visibility) == ("cmrxrecon-2023", "public")
    assert {(case.unit, case.strata["view"], case.strata["af"]) for case in manifest.cases} == {
        (subject, view, str(factor)) for subject in ("P001", "P002") for view in SHAPES for factor in FACTORS
    }
    case = next(c for c in manifest.cases if (c.unit, c.strata["view"], c.strata["af"]) == ("P002", "sax", "4"))
    assert [file.path for file in case.inputs] == [
        f"{TEST_SET}/AccFactor04/{{name}}/cine_sax.mat",
        f"{TEST_SET}/AccFactor04/{{name}}/cine_sax_mask.mat",
    ]
    assert case.group == "P002/AccFactor04"
    assert case.strata == {"af": "4", "view": "sax", "anatomy": "of P002"}
    assert case.shape == (16, 40, 3, 2)


def test_every_file_is_found_under_its_hash_and_inputs_stay_where_they_are(tmp_path: Path) -> None:
    base = write_download(tmp_path)
    found = imported(tmp_path)
    for case in found.manifest.cases:
        for file in (*case.inputs, *case.references):
            content = found.files[file.sha256].read_bytes()
            assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)
        assert base in found.files[case.inputs[0].sha256].parents
        assert found.files[case.references[0].sha256].parent == tmp_path / "staging"


@pytest.mark.parametrize("view", sorted(SHAPES))
@pytest.mark.parametrize("width", ["f4", "f8"])
def test_the_reference_is_the_challenges_own_image_odd_sizes_too(tmp_path: Path, view: str, width: str) -> None:
    write_download(tmp_path, subjects=1, width=width)
    found = imported(tmp_path)
    case = next(case for case in found.manifest.cases if case.strata["view"] == view)
    image = np.load(found.files[case.references[0].sha256])
    assert image.dtype == np.float32
    assert image.shape == case.shape
    assert image == pytest.approx(official_image(kspace(view, seed=1)), rel=1e-5)


def test_all_factors_of_a_scan_share_one_reference(tmp_path: Path) -> None:
    write_download(tmp_path, subjects=1)
    found = imported(tmp_path)
    assert len(list((tmp_path / "staging").iterdir())) == len(SHAPES)
    assert len({case.references[0] for case in found.manifest.cases}) == len(SHAPES)


def test_hidden_references_are_ciphertext_bound_to_their_path(tmp_path: Path) -> None:
    write_download(tmp_path, subjects=1)
    key = new_key()
    found = imported(tmp_path, key=key)
    assert found.manifest.visibility == "hidden"
    reference = found.manifest.cases[0].references[0]
    content = found.files[reference.sha256].read_bytes()
    assert b"NUMPY" not in content
    assert np.load(io.BytesIO(unseal(content, key=key, path=reference.path))).shape == found.manifest.cases[0].shape
    with pytest.raises(SealBroken):
        unseal(content, key=key, path="another.npy")


def test_labels_and_order_say_nothing_and_repeat_with_the_seed(tmp_path: Path) -> None:
    write_download(tmp_path)
    first, again, other = (imported(tmp_path, seed=seed).manifest for seed in ("a", "a", "b"))
    assert [case.label for case in first.cases] == [f"case {number:02d}" for number in range(1, 13)]
    assert first == again
    assert [case.group for case in first.cases] != [case.group for case in other.cases]
    assert [case.group for case in first.cases] != sorted(case.group for case in first.cases)


def test_labels_are_wide_enough_for_every_case() -> None:
    labels = draw_labels(count=120, seed="s")
    assert len(set(labels)) == 120
    assert {len(label) for label in labels} == {len("case 001")}


def test_only_the_factors_that_were_downloaded_are_cases(tmp_path: Path) -> None:
    write_download(tmp_path, factors=(8,))
    assert {case.strata["af"] for case in imported(tmp_path).manifest.cases} == {"8"}


def test_a_subject_may_lack_a_view_altogether(tmp_path: Path) -> None:
    base = write_download(tmp_path)
    for path in base.rglob("P002/cine_lax*"):
        path.unlink()
    cases = imported(tmp_path).manifest.cases
    assert {(case.unit, case.strata["view"]) for case in cases} == {("P001", "sax"), ("P001", "lax"), ("P002", "sax")}


# ---- what it says of bad files


def _rewrite(path: Path, name: str, values: np.ndarray) -> None:
    path.unlink()
    write_mat73(path, name, values)


def _turned_mask(base: Path) -> None:
    lines = np.zeros(SHAPES["sax"][-2:])
    lines[:, ::4] = 1
    _rewrite(base / "AccFactor04/P001/cine_sax_mask.mat", "mask04", lines)


def _offset_mask(base: Path) -> None:
    lines = np.roll(mask("sax", 4), 1, axis=0)
    lines[18:22] = 1  # the centre stays
    _rewrite(base / "AccFactor04/P001/cine_sax_mask.mat", "mask04", lines)


def _full_mask(base: Path) -> None:
    _rewrite(base / "AccFactor10/P001/cine_sax_mask.mat", "mask10", np.ones(SHAPES["sax"][-2:]))


def _grey_mask(base: Path) -> None:
    _rewrite(base / "AccFactor04/P001/cine_sax_mask.mat", "mask04", 0.5 * mask("sax", 4))


def _mask_of_another_size(base: Path) -> None:
    _rewrite(base / "AccFactor04/P001/cine_sax_mask.mat", "mask04", mask("lax", 4))


def _complex_mask(base: Path) -> None:
    _rewrite(base / "AccFactor04/P001/cine_sax_mask.mat", "mask04", mask("sax", 4) * 1j)


def _wrong_variable(base: Path) -> None:
    _rewrite(base / "AccFactor08/P002/cine_sax.mat", "kspace_sub04", kspace("sax", seed=2) * mask("sax", 8))


def _single_coil(base: Path) -> None:
    _rewrite(base / "AccFactor08/P002/cine_sax.mat", "kspace_sub08", (kspace("sax", seed=2) * mask("sax", 8))[:, :, 0])


def _magnitudes(base: Path) -> None:
    _rewrite(base / "FullSample/P001/cine_lax.mat", "kspace_full", np.abs(kspace("lax", seed=1)))


def _fewer_frames(base: Path) -> None:
    _rewrite(base / "AccFactor08/P002/cine_sax.mat", "kspace_sub08", (kspace("sax", seed=2) * mask("sax", 8))[:1])


def _empty(base: Path) -> None:
    _rewrite(base / "FullSample/P001/cine_lax.mat", "kspace_full", kspace("lax", seed=1)[:0])


def _all_zero(base: Path) -> None:
    _rewrite(base / "AccFactor08/P002/cine_sax.mat", "kspace_sub08", 0 * kspace("sax", seed=2))


def _not_finite(base: Path) -> None:
    values = kspace("lax", seed=1)
    values[0, 0, 0, 3, 3] = np.nan
    _rewrite(base / "FullSample/P001/cine_lax.mat", "kspace_full", values)


def _v7(base: Path) -> None:
    scipy.io.savemat(base / "FullSample/P001/cine_lax.mat", {"kspace_full": kspace("lax", seed=1)})


def _group(base: Path) -> None:
    with h5py.File(base / "FullSample/P001/cine_lax.mat", "w") as file:
        file.create_group("kspace_full")


def _no_array(base: Path) -> None:
    with h5py.File(base / "AccFactor04/P001/cine_sax_mask.mat", "w") as file:
        file.create_dataset("mask04", data=h5py.Empty("f8"))


def _damage(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def _damaged_type(base: Path) -> None:
    _damage(base / "AccFactor04/P001/cine_sax.mat", b"real\0", b"\x97eal\0")


def _damaged_names(base: Path) -> None:
    # of the heap where the names of variables lie: its version
    _damage(base / "AccFactor04/P001/cine_sax.mat", b"HEAP\0", b"HEAP\x63")


def _missing_mask(base: Path) -> None:
    (base / "AccFactor10/P002/cine_lax_mask.mat").unlink()


def _missing_full(base: Path) -> None:
    (base / "FullSample/P002/cine_lax.mat").unlink()


def _unknown_name(base: Path) -> None:
    (base / "AccFactor04/P001/cine_SAX.mat").write_bytes(b"")


def _folder_named_mat(base: Path) -> None:
    (base / "AccFactor04/P001/cine_sax.mat").unlink()
    (base / "AccFactor04/P001/cine_sax.mat").mkdir()


@pytest.mark.parametrize(
    ("harm", "path", "wanted", "found"),
    [
        (_turned_mask, "AccFactor04/P001/cine_sax_mask.mat", "whole ky lines", "sampled in part"),
        (_offset_mask, "AccFactor04/P001/cine_sax.mat", "on the lines of cine_sax_mask.mat", "on 9 other lines"),
        (_full_mask, "AccFactor10/P001/cine_sax_mask.mat", "every 10th of 40 lines", "40 lines"),
        (_grey_mask, "AccFactor04/P001/cine_sax_mask.mat", "zeros and ones", "other values"),
        (_mask_of_another_size, "AccFactor04/P001/cine_sax_mask.mat", "the full sample, (40, 16)", "(33, 17)"),
        (_complex_mask, "AccFactor04/P001/cine_sax_mask.mat", "numeric mask", "real"),
        (_wrong_variable, "AccFactor08/P002/cine_sax.mat", "variable kspace_sub08", "kspace_sub04"),
        (_single_coil, "AccFactor08/P002/cine_sax.mat", "five axes (t, slice, coil, ky, kx)", "4 axes"),
        (_magnitudes, "FullSample/P001/cine_lax.mat", "{real, imag}", "float64"),
        (_fewer_frames, "AccFactor08/P002/cine_sax.mat", "full sample, (2, 3, 2, 40, 16)", "(1, 3, 2, 40, 16)"),
        (_empty, "FullSample/P001/cine_lax.mat", "data", "an empty array"),
        (_all_zero, "AccFactor08/P002/cine_sax.mat", "signal in every picture", "slice 1, frame 1"),
        (_not_finite, "FullSample/P001/cine_lax.mat", "finite numbers", "NaN"),
        (_v7, "FullSample/P001/cine_lax.mat", "MATLAB v7.3 (HDF5)", "another format"),
        (_group, "FullSample/P001/cine_lax.mat", "variable kspace_full", "kspace_full"),
        (_no_array, "AccFactor04/P001/cine_sax_mask.mat", "data", "an empty array"),
        (_damaged_type, "AccFactor04/P001/cine_sax.mat", "data that can be read", "a damaged file"),
        (_damaged_names, "AccFactor04/P001/cine_sax.mat", "data that can be read", "a damaged file"),
        (_missing_mask, "AccFactor10/P002/cine_lax_mask.mat", "a file", "no such file"),
        (_missing_full, "FullSample/P002/cine_lax.mat", "a file", "no such file"),
        (_unknown_name, "AccFactor04/P001/cine_SAX.mat", "cine_sax.mat, cine_lax.mat", "another name"),
        (_folder_named_mat, "AccFactor04/P001/cine_sax.mat", "a file", "something else"),
    ],
)
def test_a_bad_file_is_named_with_what_was_wanted_and_found(
    tmp_path: Path, harm: Callable[[Path], None], path: str, wanted: str, found: str
) -> None:
    harm(write_download(tmp_path))
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path)
    # told once
    (problem,) = (problem for problem in caught.value.problems if problem.path == f"{TEST_SET}/{path}")
    assert wanted in problem.wanted
    assert found in problem.found
    assert not (tmp_path / "staging").exists()


def test_all_problems_are_told_at_once_and_counted(tmp_path: Path) -> None:
    base = write_download(tmp_path)
    for harm in (_wrong_variable, _missing_mask, _grey_mask):
        harm(base)
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path)
    assert len(caught.value.problems) == 3
    # 2 subjects x 2 views x (1 full + 3 x 2)
    assert str(caught.value).endswith("25 files good, 3 bad, nothing imported")
    assert f"{TEST_SET}/AccFactor08/P002/cine_sax.mat: wanted variable kspace_sub08, found kspace_sub04" in str(
        caught.value
    )


def test_a_folder_without_the_set_is_told_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems, match=r"MultiCoil/Cine/TestSet: wanted this folder of a set .TrainingSet"):
        imported(tmp_path)
    (tmp_path / TEST_SET).mkdir(parents=True)
    with pytest.raises(ImportProblems, match="AccFactor04"):
        imported(tmp_path)
    (tmp_path / TEST_SET / "AccFactor04").mkdir()
    with pytest.raises(ImportProblems, match="P001"):
        imported(tmp_path)


def test_a_second_import_of_the_same_open_set_gives_the_same_manifest(tmp_path: Path) -> None:
    write_download(tmp_path, subjects=1)
    before = imported(tmp_path).manifest
    shutil.rmtree(tmp_path / "staging")
    assert imported(tmp_path).manifest == before
