"""CMRxRecon 2023's files: MATLAB v7.3 (HDF5 behind a 512-byte header), complex numbers as {real, imag} pairs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.nifti import write_nifti

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


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one scan's files lie; `subject` counts from 1, `scan` is the file name, such as cine_sax."""

    root: Path
    set_name: str
    subject: int
    family: str
    scan: str
    single: bool = False

    def file(self, acceleration: int | None) -> Path:
        """k-space of a factor, or fully sampled (None)."""
        tree = "SingleCoil" if self.single else "MultiCoil"
        folder = "FullSample" if acceleration is None else f"AccFactor{acceleration:02d}"
        return self.root / tree / self.family / self.set_name / folder / f"P{self.subject:03d}" / f"{self.scan}.mat"

    def variable(self, acceleration: int | None) -> str:
        """Name of the k-space variable: kspace_sub04 ... for a factor, kspace_full without."""
        kind = "single_" if self.single else ""
        return f"kspace_{kind}full" if acceleration is None else f"kspace_{kind}sub{acceleration:02d}"

    @property
    def labels(self) -> Path:
        """The label map: the challenge has one for both trees, in the single-coil one."""
        base = self.root / "SingleCoil" / self.family / self.set_name / "SegmentROI"
        return base / f"P{self.subject:03d}" / f"{self.scan}_label.nii.gz"


def write_kspace(*, path: Path, variable: str, kspace: NDArray[np.complex64]) -> Path:
    """Write k-space (frame, slice, coil, ky, kx), or without coil. Returns `path`."""
    # never compressed: the size of a compressed file tells which factors belong to one subject
    write_matlab73(path=path, variable=variable, values=kspace)
    return path


def write_mask(*, beside: Path, acceleration: int, mask: NDArray[np.bool_]) -> Path:
    """Write the mask (ky, kx) beside its k-space file, as MATLAB double 0 and 1. Returns the mask file's path."""
    path = beside.with_name(f"{beside.stem}_mask.mat")
    write_matlab73(path=path, variable=f"mask{acceleration:02d}", values=mask.astype(np.float64))
    return path


def write_times(*, beside: Path, times: NDArray[np.float32]) -> Path:
    """Write times (slice, weighting) in ms as the challenge's csv: one row a weighting, one column a slice. Returns its path."""
    path = beside.with_suffix(".csv")
    head = ["", *(f"slice{number + 1}" for number in range(len(times)))]
    rows = [[f"t{number + 1}", *(f"{value:g}" for value in row)] for number, row in enumerate(times.T)]
    path.write_text("".join(",".join(row) + "\n" for row in [head, *rows]), encoding="utf-8")
    return path


def write_labels(*, path: Path, labels: NDArray[np.uint8]) -> Path:
    """Write labels (slice, y, x) as a NIfTI-1 file (x, y, slice), equal data giving equal files. Returns `path`."""
    # (slice, y, x) in C order is (x, y, slice) in the file's
    return write_nifti(path=path, values=labels.T)
