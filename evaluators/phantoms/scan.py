"""A scan in memory: painted anatomy brought to k-space, measured with noise and under-sampled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import pi
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.canvas import Canvas, Plane
from evaluators.phantoms.coils import sensitivity_maps
from evaluators.phantoms.encoding import fft2c, ifft2c, multicoil_kspace
from evaluators.phantoms.sampling import cartesian_mask
from evaluators.phantoms.sizes import CineSize
from evaluators.phantoms.torso import FIELD_OF_VIEW

# anatomy is painted on a grid twice as fine as the scan's, so that the scan sees partial volumes and truncation
FINENESS = 2
# the reference is as quiet as four averages of the scan: its noise is not the limit of a good reconstruction
REFERENCE_AVERAGES = 4

_Scan = TypeVar("_Scan", bound="Scan")


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One scan of one subject, before noise and undersampling.

    kspace: (frame, slice, coil, ky, kx) complex64, noise-free; (frame, slice, ky, kx) once coils are combined.
    image: (frame, slice, y, x) float32 on the finer grid it was painted on, same unit; negative where magnetisation is.
    maps: coil sensitivities (coil, y, x) complex64 at the scan's own pixels, sum of |S|^2 = 1. noise: standard deviation of
    the real and of the imaginary part in k-space.
    """

    kspace: NDArray[np.complex64]
    image: NDArray[np.float32]
    maps: NDArray[np.complex64]
    noise: float


def encode(*, slices: Iterator[list[Plane]], size: CineSize, rng: np.random.Generator) -> Scan:
    """Bring painted anatomy to noise-free multi-coil k-space: phase, coils, scale and noise level of one scan.

    slices: for each slice its frames (y, x), on any grid at least as fine as the scan's.
    """
    kspace = np.empty((size.frames, size.slices, size.coils, size.ny, size.nx), dtype=np.complex64)
    painted: list[NDArray[np.float32]] = []
    # magnitudes of the real set are about 1e-4: a method that needs images near 1 must scale them itself
    unit = 2e-4 * float(np.exp(rng.normal(0, 0.5)))
    signal_to_noise = rng.uniform(60, 110)
    maps: NDArray[np.complex64] | None = None
    for index, frames in enumerate(slices):
        stack = np.stack(frames)
        matrix = (stack.shape[-2], stack.shape[-1])
        if maps is None:
            maps = sensitivity_maps(rng=rng, coils=size.coils, matrix=matrix, field_of_view=FIELD_OF_VIEW)
            brightest = float(np.percentile(stack, 98))
        stack *= np.float32(unit / brightest)
        painted.append(stack)
        phase = _phase(magnitude=stack[0], rng=rng)
        kspace[:, index] = multicoil_kspace(image=stack * phase, coils=maps, matrix=(size.ny, size.nx))
    assert maps is not None  # noqa: S101 - a size has at least one slice
    return Scan(
        kspace=kspace,
        image=np.stack(painted, axis=1),
        maps=_at_pixels(maps, size=size),
        noise=unit / signal_to_noise,
    )


def _at_pixels(maps: NDArray[np.complex64], *, size: CineSize) -> NDArray[np.complex64]:
    """Of the finer grid those points that the scan's pixels stand for: truncated k-space keeps the grid's origin."""
    rows, columns = (
        (np.arange(small) - small // 2) * big // small + big // 2
        for small, big in ((size.ny, maps.shape[-2]), (size.nx, maps.shape[-1]))
    )
    chosen: NDArray[np.complex64] = maps[:, rows[:, None], columns[None, :]]
    return chosen


def _phase(*, magnitude: Plane, rng: np.random.Generator) -> NDArray[np.complex64]:
    """Phase factor (y, x): receiver and eddy currents (low order) and off-resonance (B0) during the echo time."""
    canvas = Canvas(matrix=(magnitude.shape[0], magnitude.shape[1]), field_of_view=FIELD_OF_VIEW)
    x, y = canvas.x[None, :] / np.float32(200), canvas.y[:, None] / np.float32(150)
    low = rng.uniform(-pi, pi) + rng.normal(0, 0.8) * x + rng.normal(0, 0.8) * y + rng.normal(0, 0.4) * x * y
    echo_time = 1.6e-3
    # air in the lungs and around the body disturbs the field: about 100 Hz at 3 T over a few centimetres
    air = canvas.grain(rng=rng, scale=70) * np.float32(60)
    radians: NDArray[np.float32] = (low + 2 * pi * echo_time * air).astype(np.float32)
    factor: NDArray[np.complex64] = np.exp(1j * radians).astype(np.complex64)
    return factor


def acquire(
    *, scan: Scan, acceleration: int | None, rng: np.random.Generator
) -> tuple[NDArray[np.complex64], NDArray[np.bool_]]:
    """Measure a scan: its k-space with fresh noise on the sampled lines, zero elsewhere, and the mask.

    acceleration None is the fully sampled reference, measured with REFERENCE_AVERAGES averages. Mask: (ky, kx).
    """
    ny, nx = scan.kspace.shape[-2:]
    if acceleration is None:
        mask, noise = np.ones((ny, nx), dtype=np.bool_), scan.noise / REFERENCE_AVERAGES**0.5
    else:
        mask, noise = cartesian_mask(nx=nx, ny=ny, acceleration=acceleration), scan.noise
    lines = np.flatnonzero(mask[:, 0])
    kept = scan.kspace[..., lines, :]
    parts = rng.standard_normal((*kept.shape, 2), dtype=np.float32)
    measured = np.zeros_like(scan.kspace)
    measured[..., lines, :] = kept + np.float32(noise) * parts.view(np.complex64)[..., 0]
    return measured, mask


def combine_coils(scan: _Scan) -> _Scan:
    """The scan as one coil would see it: sum over coils of conj(S) image, back in k-space (frame, slice, ky, kx).

    Weights of unit norm keep noise white and at its level (Roemer et al. 1990, doi 10.1002/mrm.1910160203). The phase stays,
    as it must for partly sampled k-space; a root sum of squares would lose it.
    """
    combined = np.empty((*scan.kspace.shape[:2], *scan.kspace.shape[3:]), dtype=np.complex64)
    for frame, slices in enumerate(scan.kspace):
        combined[frame] = fft2c((np.conj(scan.maps) * ifft2c(slices)).sum(axis=-3))
    return replace(scan, kspace=combined)
