"""Simulated multi-coil cine scans in CMRxRecon 2023's layout: a beating heart in a breathing chest, sampled 4, 8, 10 times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import pi
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.canvas import Canvas, Plane
from evaluators.phantoms.coils import sensitivity_maps
from evaluators.phantoms.encoding import multicoil_kspace
from evaluators.phantoms.heart import draw_heart, paint_short_axis
from evaluators.phantoms.layout import case_file, write_kspace, write_mask
from evaluators.phantoms.long_axis import paint_long_axis, view_of
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.sampling import cartesian_mask
from evaluators.phantoms.signal import subject_signals
from evaluators.phantoms.sizes import ACCELERATIONS, DEMO, FULL, CineSize, View
from evaluators.phantoms.torso import FIELD_OF_VIEW, draw_torso, paint_torso

__all__ = [
    "ACCELERATIONS",
    "DEMO",
    "FULL",
    "CineScan",
    "CineSize",
    "View",
    "acquire",
    "simulate_subject",
    "write_cine_set",
]

# anatomy is painted on a grid twice as fine as the scan's, so that the scan sees partial volumes and truncation
FINENESS = 2
# the reference is as quiet as four averages of the scan: its noise is not the limit of a good reconstruction
REFERENCE_AVERAGES = 4


@dataclass(frozen=True, kw_only=True)
class CineScan:
    """One view of one subject, before noise and undersampling.

    kspace: (frame, slice, coil, ky, kx) complex64, noise-free. image: (frame, slice, y, x) float32, magnitude on the finer
    grid it was painted on, same unit. noise: standard deviation of the real and of the imaginary part in k-space.
    """

    view: View
    kspace: NDArray[np.complex64]
    image: NDArray[np.float32]
    noise: float


def encode_scan(*, view: View, slices: Iterator[list[Plane]], size: CineSize, rng: np.random.Generator) -> CineScan:
    """Bring painted anatomy to noise-free multi-coil k-space: phase, coils, scale and noise level of one scan.

    slices: for each slice its frames (y, x), magnitude on any grid at least as fine as the scan's.
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
    return CineScan(view=view, kspace=kspace, image=np.stack(painted, axis=1), noise=unit / signal_to_noise)


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


def _beating_chest(
    *, view: View, size: CineSize, person: np.random.Generator, rng: np.random.Generator
) -> Iterator[list[Plane]]:
    """The painted frames (y, x) of each slice of one view; `person` draws what all views of a subject share."""
    torso, heart, signals = draw_torso(person), draw_heart(person), subject_signals(rng=person)
    for index in range(size.slices):
        canvas = Canvas(matrix=(FINENESS * size.ny, FINENESS * size.nx), field_of_view=FIELD_OF_VIEW)
        level = (index + 0.5) / size.slices if view is View.SAX else 0.45
        # each slice is a breath-hold of its own, never at quite the same depth
        shift = (float(rng.normal(0, 1.5)), float(rng.normal(0, 3.0)))
        tilt = 0.0 if view is View.SAX else 0.5 * view_of(index)
        paint_torso(canvas=canvas, torso=torso, signals=signals, level=level, tilt=tilt, rng=rng)
        frames = []
        for frame in range(size.frames):
            moment, phase = canvas.copy(), frame / size.frames
            if view is View.SAX:
                paint_short_axis(canvas=moment, heart=heart, signals=signals, level=level, phase=phase, shift=shift)
            else:
                paint_long_axis(
                    canvas=moment, heart=heart, signals=signals, chambers=view_of(index), phase=phase, shift=shift
                )
            frames.append(moment.signal)
        yield frames


def simulate_subject(
    *, seed: bytes | int, subject: int, size: CineSize, views: tuple[View, ...] = (View.SAX, View.LAX)
) -> dict[View, CineScan]:
    """One subject's scans in memory, without noise; `acquire` adds noise and undersampling.

    (seed, subject, view) fix all that is random: other subjects, views and calls change nothing.
    """
    scans = {}
    for view in views:
        person, rng = stream(seed, "subject", subject), stream(seed, "subject", subject, "view", view)
        slices = _beating_chest(view=view, size=size, person=person, rng=rng)
        scans[view] = encode_scan(view=view, slices=slices, size=size, rng=stream(seed, "scan", subject, view))
    return scans


def acquire(
    *, scan: CineScan, acceleration: int | None, rng: np.random.Generator
) -> tuple[NDArray[np.complex64], NDArray[np.bool_]]:
    """Measure a scan: k-space (frame, slice, coil, ky, kx) with fresh noise on the sampled lines, zero elsewhere, and mask.

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


def write_scan(*, root: Path, set_name: str, subject: int, scan: CineScan, seed: bytes | int) -> list[Path]:
    """Write one scan's reference, its three undersampled files and their masks; noise is independent in each."""
    paths = []
    for acceleration in (*ACCELERATIONS, None):
        noise = stream(seed, "noise", subject, scan.view, acceleration or "full")
        kspace, mask = acquire(scan=scan, acceleration=acceleration, rng=noise)
        path = case_file(root=root, set_name=set_name, acceleration=acceleration, subject=subject, view=scan.view)
        paths.append(write_kspace(path=path, acceleration=acceleration, kspace=kspace))
        if acceleration is not None:
            paths.append(write_mask(beside=path, acceleration=acceleration, mask=mask))
    return paths


def write_cine_set(
    *,
    root: Path,
    set_name: str,
    subjects: int,
    seed: bytes | int,
    size: CineSize,
    first: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write `subjects` phantom subjects, numbered from `first`, as `root`/MultiCoil/Cine/`set_name`/...

    Each subject depends on (seed, its number) alone, so a set can be made in parts. A hidden set's seed is bytes that nobody
    outside can guess. `progress` hears one line a subject. Returns all files written.
    """
    paths: list[Path] = []
    for subject in range(first, first + subjects):
        for scan in simulate_subject(seed=seed, subject=subject, size=size).values():
            paths += write_scan(root=root, set_name=set_name, subject=subject, scan=scan, seed=seed)
        if progress is not None:
            progress(f"P{subject:03d} written ({subject - first + 1} of {subjects})")
    return paths
