"""A small CMRxRecon 2023 mapping download, multi- or single-coil, true to Format_mapping.txt: h5py, csv and nibabel alone."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from tests.unit.evaluators.importers.download import write_mat73

nib: Any = import_module("nibabel")

FACTORS = (4, 8, 10)
#: t, slice, coil, ky, kx
SHAPES = {"T1map": (9, 2, 3, 40, 16), "T2map": (3, 2, 3, 40, 16)}
#: milliseconds; one column a slice, as the challenge's csv files have them
TI = np.array([[100.0, 120.0 + k] for k in range(9)]) + 300.0 * np.arange(9)[:, None]
TE = np.array([[0.0], [25.0], [55.0]])
#: the challenge's own codes: 1 left ventricle, 2 myocardium, 3 right ventricle
LABELS = {1: slice(4, 6), 2: slice(6, 9), 3: slice(10, 12)}


def full_kspace(scan: str, *, seed: int, coils: bool) -> np.ndarray:
    """Fully sampled, nowhere zero; (t, slice, coil, ky, kx) or without coil."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[scan] if coils else SHAPES[scan][:2] + SHAPES[scan][3:]
    return (rng.normal(1, 1, shape) + 1j * rng.normal(1, 1, shape)).astype(np.complex64)


def sampling(factor: int) -> np.ndarray:
    """(ky, kx): every factor-th line and four in the centre."""
    lines = np.zeros(40)
    lines[::factor] = 1
    lines[18:22] = 1
    return np.repeat(lines[:, None], 16, axis=1)


def write_times(path: Path, times: np.ndarray) -> None:
    """As the challenge's csv: a head line, then a name and one number a slice; some end in an empty cell."""
    rows = [",".join(["", *(f"Slice{n + 1}" for n in range(times.shape[1])), ""])]
    rows += [",".join([f"TI{n + 1}", *(f"{value:g}" for value in row), ""]) for n, row in enumerate(times)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def label_map() -> np.ndarray:
    """(x, y, slice) in the challenge's own codes."""
    labels = np.zeros((16, 40, 2), dtype=np.int16)
    for code, rows in LABELS.items():
        labels[rows, 10:20] = code
    return labels


def write_mapping(root: Path, *, set_name: str = "TestSet", coils: bool = True, labels: bool = True) -> Path:
    """The whole tree of a set for two subjects; returns the set's folder."""
    tree, single = ("MultiCoil", "") if coils else ("SingleCoil", "single_")
    base = root / tree / "Mapping" / set_name
    for number in (1, 2):
        subject = f"P{number:03d}"
        for scan, times in (("T1map", TI), ("T2map", TE)):
            full = full_kspace(scan, seed=number, coils=coils)
            write_mat73(base / "FullSample" / subject / f"{scan}.mat", f"kspace_{single}full", full)
            write_times(base / "FullSample" / subject / f"{scan}.csv", times)
            for factor in FACTORS:
                folder = base / f"AccFactor{factor:02d}" / subject
                kept = sampling(factor)
                write_mat73(folder / f"{scan}.mat", f"kspace_{single}sub{factor:02d}", full * kept)
                write_mat73(folder / f"{scan}_mask.mat", f"mask{factor:02d}", kept)
                write_times(folder / f"{scan}.csv", times)
            if labels:
                roi = root / "SingleCoil" / "Mapping" / set_name / "SegmentROI" / subject
                roi.mkdir(parents=True, exist_ok=True)
                nib.save(nib.Nifti1Image(label_map(), np.eye(4)), roi / f"{scan}_label.nii.gz")
    return base
