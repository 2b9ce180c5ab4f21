"""Label maps: read as nibabel reads them, whatever their type, byte order and scale."""

from __future__ import annotations

import struct
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluators.importers.nifti import read_volume, whole_numbers
from evaluators.importers.problems import BadFile

nib: Any = import_module("nibabel")

ARRAY = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8"])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_values_and_axes_are_nibabels(tmp_path: Path, dtype: str, ending: str) -> None:
    path = tmp_path / f"label{ending}"
    nib.save(nib.Nifti1Image(ARRAY.astype(dtype), np.eye(4)), path)
    assert read_volume(path).values.tolist() == nib.load(path).get_fdata().tolist()


def test_big_endian_and_scaled_files_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "label.nii"
    image = nib.Nifti1Image(ARRAY.astype(">i2"), np.eye(4), nib.Nifti1Header(endianness=">"))
    image.header.set_slope_inter(0.5, 3)
    nib.save(image, path)
    assert path.read_bytes()[:4] == struct.pack(">i", 348)
    assert read_volume(path).values == pytest.approx(nib.load(path).get_fdata(), abs=0.3)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\x1f\x8bnothing", "does not inflate"),
        (struct.pack("<i", 348) + bytes(344), "no NIfTI header"),
        (struct.pack("<i", 348) + bytes(340) + b"n+1\0", "axes are not positive"),
        (struct.pack("<i", 348) + bytes(340) + b"ni1\0", "no NIfTI header of a single file"),
    ],
)
def test_what_is_no_nifti_file_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "label.nii"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=found):
        read_volume(path)


@pytest.mark.parametrize(("change", "found"), [(-1, "it ends before its data"), (1, "more bytes than its header")])
def test_a_header_that_lies_about_its_size_is_told(tmp_path: Path, change: int, found: str) -> None:
    path = tmp_path / "label.nii"
    nib.save(nib.Nifti1Image(ARRAY.astype("u1"), np.eye(4)), path)
    content = path.read_bytes()
    path.write_bytes(content[:change] if change < 0 else content + bytes(change))
    with pytest.raises(BadFile, match=found):
        read_volume(path)


def test_a_header_that_promises_more_than_any_image_holds_is_told_before_memory_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "label.nii"
    nib.save(nib.Nifti1Image(ARRAY.astype("u1"), np.eye(4)), path)
    content = bytearray(path.read_bytes())
    struct.pack_into("<3h", content, 42, 32767, 32767, 32767)
    path.write_bytes(content)
    with pytest.raises(BadFile, match="voxels: damaged"):
        read_volume(path)


def test_colours_and_complex_values_are_no_image(tmp_path: Path) -> None:
    path = tmp_path / "label.nii"
    nib.save(nib.Nifti1Image(ARRAY.astype("c8"), np.eye(4)), path)
    with pytest.raises(BadFile, match="complex values"):
        read_volume(path)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1"])
def test_whole_numbers_are_labels_whatever_their_type(dtype: str) -> None:
    labels = whole_numbers((ARRAY % 5).astype(dtype), known=dict.fromkeys(range(5), ""))
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, ARRAY % 5)
    assert whole_numbers((ARRAY * 100).astype("f4"), known=None).dtype == np.uint16


@pytest.mark.parametrize(
    ("values", "known", "found"),
    [
        ([0, 0.5, 1], {0: "", 1: "lesion"}, "values between labels in 1 voxels, such as 0.5"),
        ([0, 1, 3, 3], {0: "background", 1: "lesion"}, "wanted labels 0 background, 1 lesion, found 3 in 2 voxels"),
        ([0, -1], None, "wanted labels from 0 to 65535, found -1 in 1 voxels"),
        ([0, 70000], None, "found 70000 in 1 voxels"),
        ([0, float("nan")], None, "NaN or infinity"),
    ],
)
def test_what_is_no_label_is_told_with_its_value(values: list[float], known: dict[int, str] | None, found: str) -> None:
    with pytest.raises(BadFile, match=found):
        whole_numbers(np.array(values), known=known)
