"""Scans of real anatomy: MR images that packages install, pulsating, sent through the phantom's own coils and sampling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from math import cos, sin
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from evaluators.phantoms.canvas import Plane
from evaluators.phantoms.cine import FINENESS, CineScan, CineSize, View, encode_scan, write_scan
from evaluators.phantoms.errors import RealAnatomyMissing
from evaluators.phantoms.pulse import pulsate
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.torso import FIELD_OF_VIEW

__all__ = ["simulate_real_subject", "write_real_anatomy_set"]

# a head is 190 mm long, a chest 350 mm wide: enlarged so that the object fills the field of view as a chest does
_FILL = 0.88


def inside_package(package: str, *parts: str) -> Path:
    """Where a file of an installed package lies. Raises RealAnatomyMissing."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RealAnatomyMissing(package)
    return Path(spec.origin).parent.joinpath(*parts)


def load_head_volume() -> NDArray[np.float32]:
    """The MNI ICBM152 T1 average of 152 adults (x, y, z), 1 mm, 0 to 1, from the file inside nilearn.

    Raises RealAnatomyMissing.
    """
    path = inside_package("nilearn", "datasets", "data", "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz")
    if find_spec("nibabel") is None:
        raise RealAnatomyMissing("nibabel")
    nibabel: Any = import_module("nibabel")
    volume: NDArray[np.float32] = np.asarray(nibabel.load(path).dataobj, dtype=np.float32)
    volume /= volume.max()
    return volume


def load_coronal_slice() -> NDArray[np.float32]:
    """One T1-weighted coronal slice of one person (y, x), 256 x 256, 0 to 1, from the file inside dipy.

    Raises RealAnatomyMissing.
    """
    stored = np.load(inside_package("dipy", "data", "files", "t1_coronal_slice.npy"), allow_pickle=False)
    plane: NDArray[np.float32] = (stored / stored.max()).astype(np.float32)
    return plane


def _plane(*, volume: NDArray[np.float32], one: NDArray[np.float32], view: View, rng: np.random.Generator) -> Plane:
    """A picture (y, x) of the head: an axial or sagittal slice of the average, or the one person's coronal slice."""
    if view is View.SAX:
        axial = volume[:, :, int(rng.integers(60, 120))]
        return np.ascontiguousarray(axial.T[::-1])
    if rng.random() < 0.5:
        return np.ascontiguousarray(one[::-1] if rng.random() < 0.5 else one)
    side = int(rng.integers(60, 88)) if rng.random() < 0.5 else int(rng.integers(108, 136))
    return np.ascontiguousarray(volume[side].T[::-1])


def _weighting(rng: np.random.Generator) -> Callable[[Plane], Plane]:
    """A weighting for one scan: a monotone curve, or one that turns over so that fluid is bright (as T2 weighting)."""
    fluid_bright, power = rng.random() < 0.5, np.float32(rng.uniform(0.7, 1.5))

    def apply(plane: Plane) -> Plane:
        if not fluid_bright:
            curved: Plane = plane**power
            return curved
        object_here = np.clip(plane / np.float32(0.08), 0, 1)
        turned: Plane = object_here * (1 - np.float32(0.8) * plane) * np.clip(4 * plane, 0, 1) ** np.float32(0.3)
        return turned

    return apply


def _place(*, plane: Plane, matrix: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Resample to the field of view, turned so that the longer side lies along x, with a small rotation and shift."""
    occupied = np.argwhere(plane > 0.05)
    low, high = occupied.min(axis=0), occupied.max(axis=0) + 1
    cut = plane[low[0] : high[0], low[1] : high[1]]
    if cut.shape[0] > cut.shape[1]:
        cut = np.ascontiguousarray(np.rot90(cut))
    step_y, step_x = FIELD_OF_VIEW[1] / matrix[0], FIELD_OF_VIEW[0] / matrix[1]
    millimetre = max(cut.shape[0] / FIELD_OF_VIEW[1], cut.shape[1] / FIELD_OF_VIEW[0]) / (
        _FILL * rng.uniform(0.94, 1.0)
    )
    turn = rng.normal(0, 0.06)
    matrix_to_cut = np.array(
        [
            [cos(turn) * step_y * millimetre, -sin(turn) * step_x * millimetre],
            [sin(turn) * step_y * millimetre, cos(turn) * step_x * millimetre],
        ]
    )
    middle_in, middle_out = (np.array(cut.shape) - 1) / 2, (np.array(matrix) - 1) / 2
    offset = middle_in - matrix_to_cut @ middle_out + rng.normal(0, 2.0, 2) * millimetre
    placed = affine_transform(cut, matrix_to_cut, offset=offset, output_shape=matrix, order=1)
    positive: Plane = np.clip(placed, 0, None).astype(np.float32)
    return positive


def _pulsating_head(
    *,
    volume: NDArray[np.float32],
    one: NDArray[np.float32],
    view: View,
    size: CineSize,
    rng: np.random.Generator,
) -> Iterator[list[Plane]]:
    weighting = _weighting(rng)
    for _ in range(size.slices):
        plane = weighting(_plane(volume=volume, one=one, view=view, rng=rng))
        placed = _place(plane=plane, matrix=(FINENESS * size.ny, FINENESS * size.nx), rng=rng)
        yield pulsate(plane=placed, frames=size.frames, rng=rng)


def simulate_real_subject(
    *, seed: bytes | int, subject: int, size: CineSize, views: tuple[View, ...] = (View.SAX, View.LAX)
) -> dict[View, CineScan]:
    """One 'subject' of real anatomy, without noise; the view names are kept so that it goes through the cine task's door.

    sax: axial slices of the T1 average. lax: sagittal slices of it, or the coronal slice of one person. Contrast, position
    and pulse are drawn from (seed, subject, view). Raises RealAnatomyMissing.
    """
    volume, one = load_head_volume(), load_coronal_slice()
    scans = {}
    for view in views:
        slices = _pulsating_head(volume=volume, one=one, view=view, size=size, rng=stream(seed, "real", subject, view))
        scans[view] = encode_scan(view=view, slices=slices, size=size, rng=stream(seed, "real scan", subject, view))
    return scans


def write_real_anatomy_set(
    *,
    root: Path,
    set_name: str,
    subjects: int,
    seed: bytes | int,
    size: CineSize,
    first: int = 1,
    single_coil: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write real-anatomy subjects numbered from `first` in the same layout as write_cine_set; returns all files written.

    Give `first` the number after the last phantom subject to add them to a phantom set. Raises RealAnatomyMissing.
    """
    paths: list[Path] = []
    for subject in range(first, first + subjects):
        for scan in simulate_real_subject(seed=seed, subject=subject, size=size).values():
            paths += write_scan(
                root=root, set_name=set_name, subject=subject, scan=scan, seed=seed, single_coil=single_coil
            )
        if progress is not None:
            progress(f"P{subject:03d} (real anatomy) written ({subject - first + 1} of {subjects})")
    return paths
