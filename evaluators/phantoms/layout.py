"""CMRxRecon 2023's files: MATLAB v7.3 (HDF5 behind a 512-byte header), complex numbers as {real, imag} pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

COMPLEX = np.dtype([("real", "<f4"), ("imag", "<f4")])
_HEADER_TEXT = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Sun Jan 01 00:00:00 2023 HDF5 schema 1.00 ."
_USER_BLOCK = 512


def write_matlab73(*, path: Path, variable: str, values: NDArray[Any]) -> None:
    """One variable in one .mat v7.3 file. `values` in h5py's axis order, which is MATLAB's reversed.

    complex64 becomes the compound {real, imag} of MATLAB's single; float64 stays double. The header carries a fixed date,
    so that equal data are equal files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = np.ascontiguousarray(values)
    name = "single" if stored.dtype in (np.complex64, np.float32) else "double"
    if stored.dtype == np.complex64:
        stored = stored.view(COMPLEX)
    with h5py.File(path, "w", userblock_size=_USER_BLOCK, track_order=False) as file:
        data = file.create_dataset(variable, data=stored)
        data.attrs["MATLAB_class"] = np.bytes_(name)
    with path.open("r+b") as raw:
        raw.write(_HEADER_TEXT.ljust(116) + bytes(8) + b"\x00\x02IM")


def kspace_variable(acceleration: int | None) -> str:
    """Name of the k-space variable: kspace_sub04 ... for a factor, kspace_full without."""
    return "kspace_full" if acceleration is None else f"kspace_sub{acceleration:02d}"


def case_file(*, root: Path, set_name: str, acceleration: int | None, subject: int, view: str) -> Path:
    """Where the k-space of one case lies; `subject` counts from 1."""
    folder = "FullSample" if acceleration is None else f"AccFactor{acceleration:02d}"
    return root / "MultiCoil" / "Cine" / set_name / folder / f"P{subject:03d}" / f"cine_{view}.mat"


def write_kspace(*, path: Path, acceleration: int | None, kspace: NDArray[np.complex64]) -> Path:
    """Write k-space (frame, slice, coil, ky, kx) of a factor, or fully sampled (None). Returns `path`."""
    # never compressed: the size of a compressed file tells which factors belong to one subject
    write_matlab73(path=path, variable=kspace_variable(acceleration), values=kspace)
    return path


def write_mask(*, beside: Path, acceleration: int, mask: NDArray[np.bool_]) -> Path:
    """Write the mask (ky, kx) beside its k-space file, as MATLAB double 0 and 1. Returns the mask file's path."""
    path = beside.with_name(f"{beside.stem}_mask.mat")
    write_matlab73(path=path, variable=f"mask{acceleration:02d}", values=mask.astype(np.float64))
    return path
