"""Label maps: read as nibabel reads them, whatever their type, byte order and scale."""

from __future__ import annotations

import struct
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluators.importers.nifti import read_nifti
from evaluators.importers.problems import BadFile

nib: Any = import_module("nibabel")

ARRAY = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8"])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_values_and_axes_are_nibabels(tmp_path: Path, dtype: str, ending: str) -> None:
    path = tmp_path / f"label{ending}"
    nib.save(nib.Nifti1Image(ARRAY.astype(dtype), np.eye(4)), path)
    assert read_nifti(path).tolist() == nib.load(path).get_fdata().tolist()


def test_big_endian_and_scaled_files_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "label.nii"
    image = nib.Nifti1Image(ARRAY.astype(">i2"), np.eye(4), nib.Nifti1Header(endianness=">"))
    image.header.set_slope_inter(0.5, 3)
    nib.save(image, path)
    assert path.read_bytes()[:4] == struct.pack(">i", 348)
    assert read_nifti(path) == pytest.approx(nib.load(path).get_fdata(), abs=0.3)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "another format"),
        (b"\x1f\x8bnothing", "damaged .gz"),
        (struct.pack("<i", 348) + bytes(344), "another format"),
        (struct.pack("<i", 348) + bytes(340) + b"n+1\0", "type 0, shape ()"),
    ],
)
def test_what_is_no_nifti_file_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "label.nii"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=found.replace("(", r"\(").replace(")", r"\)")):
        read_nifti(path)


def test_a_file_that_ends_too_early_is_told(tmp_path: Path) -> None:
    path = tmp_path / "label.nii"
    nib.save(nib.Nifti1Image(ARRAY.astype("u1"), np.eye(4)), path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadFile, match="an end before its data"):
        read_nifti(path)
