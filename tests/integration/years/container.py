"""Zero-filled reconstruction as a team of each year wrote it: the year's own paths, variables and axes, nothing of ours.

Runs inside the image as /app/container.py YEAR. h5py shows MATLAB's axes reversed: (t, slice, coil, ky, kx).
"""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat

INPUT, OUTPUT = Path("/input"), Path("/output")


def load(path: Path) -> np.ndarray:
    with h5py.File(path) as file:
        (name,) = [name for name in file if name.startswith("k")]
        stored = file[name][()]
    kspace: np.ndarray = stored["real"] + 1j * stored["imag"]
    return kspace


def image_of(kspace: np.ndarray) -> np.ndarray:
    plane = (-2, -1)
    return np.abs(np.fft.ifftshift(np.fft.ifft2(np.fft.fftshift(kspace, axes=plane), norm="ortho"), axes=plane))


def save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {"img4ranking": image.T.astype(np.float32)})


def year_2023() -> None:
    for path in INPUT.glob("*/*/*/AccFactor*/P*/*.mat"):
        if path.stem.endswith("_mask"):
            continue
        image = image_of(load(path))
        if path.relative_to(INPUT).parts[0] == "MultiCoil":
            image = np.sqrt((image**2).sum(axis=2))
        save(OUTPUT / path.relative_to(INPUT), image)


def year_2024() -> None:
    for path in INPUT.glob("*/TestSet/UnderSample_Task*/P*/*_kus_*.mat"):
        modality, _, task, *_ = path.relative_to(INPUT).parts
        # without frames for BlackBlood: the coil is the third axis from behind in both forms
        image = np.sqrt((image_of(load(path)) ** 2).sum(axis=-3))
        save(OUTPUT / modality / "TestSet" / task.removeprefix("UnderSample_") / path.parent.name / path.name, image)


def year_2025() -> None:
    for path in INPUT.glob("Task*/MultiCoil/*/*/UnderSample_Task*/*/*/P*/*_kus_*.mat"):
        image = np.sqrt((image_of(load(path)) ** 2).sum(axis=-3))
        save(OUTPUT / path.relative_to(INPUT), image)


if __name__ == "__main__":
    {"2023": year_2023, "2024": year_2024, "2025": year_2025}[sys.argv[1]]()
