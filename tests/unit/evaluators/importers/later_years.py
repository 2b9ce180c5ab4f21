"""Small CMRxRecon 2024 and 2025 downloads, true to Format_Task1.txt, Format_Task2.txt and Format_TaskR1.txt: h5py alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.unit.evaluators.importers.download import write_mat73

NY, NX = 48, 32
#: MATLAB drops axes of length 1 at the end of its order: (t, slice, coil, ky, kx) as h5py shows what is left
CINE = (5, 2, 3, NY, NX)
ONE_FRAME = (2, 3, NY, NX)
ONE_PLANE = (3, NY, NX)


def sampling(pattern: str, factor: int, *, frames: int | None) -> np.ndarray:
    """(ky, kx), or (t, ky, kx): what the challenges' generators draw, at a small size; six central lines or points."""
    rng = np.random.default_rng(factor)
    planes = []
    for frame in range(frames or 1):
        mask = np.zeros((NY, NX))
        if pattern == "ktRadial":
            mask[rng.random((NY, NX)) < 0.5 / factor] = 1
            mask[NY // 2 - 3 : NY // 2 + 3, NX // 2 - 3 : NX // 2 + 3] = 1
        elif pattern == "ktGaussian":
            mask[rng.choice(NY, NY // factor, replace=False)] = 1
        else:
            mask[(frame if pattern == "ktUniform" else 0) % factor :: factor] = 1
        if pattern != "ktRadial":
            mask[NY // 2 - 3 : NY // 2 + 3] = 1
        planes.append(mask)
    return planes[0] if frames is None else np.stack(planes)


def full_kspace(shape: tuple[int, ...], *, seed: int) -> np.ndarray:
    """Nowhere zero."""
    rng = np.random.default_rng(seed)
    return (rng.normal(1, 1, shape) + 1j * rng.normal(1, 1, shape)).astype(np.complex64)


def write_case(
    *, full: Path, kspace: Path, mask: Path, shape: tuple[int, ...], kept: np.ndarray, variable: str = "kspace_full"
) -> np.ndarray:
    """One scan, its mask and what the mask leaves; returns the full k-space."""
    whole = full_kspace(shape, seed=len(shape))
    spread = kept if kept.ndim == 2 else kept[:, None, None]
    write_mat73(full, variable, whole)
    write_mat73(kspace, "kus", whole * spread)
    write_mat73(mask, "mask", kept)
    return whole
