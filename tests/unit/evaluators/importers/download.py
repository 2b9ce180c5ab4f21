"""A small CMRxRecon 2023 download, true to Format_cine.txt: written here with h5py alone, not by our phantom."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

FACTORS = (4, 8, 10)
#: t, slice, coil, ky, kx
SHAPES = {"sax": (2, 3, 2, 40, 16), "lax": (3, 1, 2, 33, 17)}


def write_mat73(path: Path, name: str, values: np.ndarray, *, width: str = "f4") -> None:
    """MATLAB's v7.3: a 512-byte user block in front, complex numbers as {real, imag}, axes as h5py shows them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = values
    if np.iscomplexobj(values):
        stored = np.empty(values.shape, dtype=[("real", width), ("imag", width)])
        stored["real"], stored["imag"] = values.real, values.imag
    with h5py.File(path, "w", userblock_size=512) as file:
        data = file.create_dataset(name, data=stored)
        data.attrs["MATLAB_class"] = np.bytes_("single" if width == "f4" else "double")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116) + bytes(8) + b"\x00\x02IM")


def kspace(view: str, *, seed: int) -> np.ndarray:
    """Fully sampled, nowhere zero."""
    rng = np.random.default_rng(seed)
    return rng.normal(1, 1, SHAPES[view]) + 1j * rng.normal(1, 1, SHAPES[view])


def mask(view: str, factor: int) -> np.ndarray:
    """(ky, kx): every factor-th line and four in the centre."""
    ny, nx = SHAPES[view][-2:]
    lines = np.zeros(ny)
    lines[::factor] = 1
    lines[ny // 2 - 2 : ny // 2 + 2] = 1
    return np.repeat(lines[:, None], nx, axis=1)


def write_download(
    root: Path, *, set_name: str = "TestSet", subjects: int = 2, factors: tuple[int, ...] = FACTORS, width: str = "f4"
) -> Path:
    """The whole tree of a set; returns the set's folder."""
    base = root / "MultiCoil" / "Cine" / set_name
    for number in range(1, subjects + 1):
        subject = f"P{number:03d}"
        for view in SHAPES:
            full = kspace(view, seed=number)
            write_mat73(base / "FullSample" / subject / f"cine_{view}.mat", "kspace_full", full, width=width)
            for factor in factors:
                folder = base / f"AccFactor{factor:02d}" / subject
                kept = mask(view, factor)
                write_mat73(folder / f"cine_{view}.mat", f"kspace_sub{factor:02d}", full * kept, width=width)
                write_mat73(folder / f"cine_{view}_mask.mat", f"mask{factor:02d}", kept)
    return base
