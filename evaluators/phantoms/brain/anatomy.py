"""Tissues of a head without lesions: how much of each voxel is fluid, grey and white matter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from scipy.spatial.transform import Rotation

from evaluators.phantoms.brain.grid import Field, HeadGrid
from evaluators.phantoms.real_anatomy import inside_package


@dataclass(frozen=True, kw_only=True)
class Tissues:
    """Shares of a voxel, each (x, y, z) from 0 to 1; they sum to the share that is brain or its fluid."""

    fluid: Field
    grey: Field
    white: Field
    #: mm below the brain's surface, for lesions that sit somewhere particular; negative outside
    depth: Field
    #: mm from the ventricles' wall; negative inside
    from_ventricles: Field


def simulated_tissues(*, grid: HeadGrid, rng: np.random.Generator) -> Tissues:
    """A head of its own: size, folds of the cortex, deep grey nuclei and ventricles are drawn anew."""
    axes = (rng.normal(66, 3), rng.normal(84, 4), rng.normal(62, 3))
    surface = grid.ellipsoid(at=(0.0, 0.0, 2.0), axes=axes) + 2.0 * grid.smooth_noise(scale=40, rng=rng)
    # the flat base of a brain
    _, _, z = grid.axes()
    surface = np.minimum(surface, (z + np.float32(rng.normal(50, 2))) + 3 * grid.smooth_noise(scale=30, rng=rng))
    folds = grid.smooth_noise(scale=14, rng=rng)
    # the gap between the hemispheres
    x, _, _ = grid.axes()
    gap = np.abs(x + grid.smooth_noise(scale=60, rng=rng)) - np.float32(1.2)
    depth = np.minimum(surface, np.where(z > -5, gap + 3, np.float32(99)))
    brain = grid.soft(surface)
    matter = grid.soft(depth - 3 - 2 * np.maximum(folds, 0))
    white = grid.soft(depth - 9 - 5.0 * folds)
    ventricles = np.full(grid.shape, -99, dtype=np.float32)
    wide = rng.lognormal(0, 0.25)
    for side in (-1, 1):
        for at, size in (
            ((side * 11.0, 12.0, 10.0), (5.0 * wide, 22.0, 7.0 * wide)),
            ((side * 16.0, -22.0, 9.0), (6.0 * wide, 18.0, 8.0 * wide)),
            ((side * 28.0, -18.0, -8.0), (4.0 * wide, 16.0, 4.0 * wide)),
        ):
            moved = (at[0] + rng.normal(0, 1), at[1] + rng.normal(0, 2), at[2] + rng.normal(0, 1.5))
            ventricles = np.maximum(ventricles, grid.ellipsoid(at=moved, axes=size))
    nuclei = np.zeros(grid.shape, dtype=np.float32)
    for side in (-1, 1):
        for at, size in (
            ((side * 13.0, -8.0, 4.0), (8.0, 13.0, 8.0)),
            ((side * 24.0, 6.0, 2.0), (6.0, 17.0, 9.0)),
            ((side * 14.0, 22.0, 6.0), (5.0, 9.0, 8.0)),
        ):
            nuclei = np.maximum(nuclei, grid.soft(grid.ellipsoid(at=at, axes=size)))
    open_space = grid.soft(ventricles)
    white = np.minimum(white, matter) * (1 - open_space)
    white, grey = white * (1 - nuclei), np.maximum(matter * (1 - open_space) - white * (1 - nuclei), 0)
    fluid = np.clip(brain - white - grey, 0, 1)
    return Tissues(fluid=fluid, grey=grey, white=white, depth=surface, from_ventricles=-ventricles)


def real_tissues(*, grid: HeadGrid, rng: np.random.Generator) -> Tissues:
    """The MNI ICBM152 average of 152 adults with its tissue maps, turned, scaled and bent a little, perhaps mirrored.

    Raises RealAnatomyMissing.
    """
    grey, white, whole, affine = _atlas(grid.spacing)
    to_voxel = np.linalg.inv(affine)
    places = np.stack(np.broadcast_arrays(*grid.axes())).astype(np.float64)
    bend = np.stack([grid.smooth_noise(scale=45, rng=rng) for _ in range(3)]) * 2.5
    x, y, z = rng.normal(0, 0.08, 3)
    turn = Rotation.from_euler("XYZ", [x, -y, z]).as_matrix() @ np.diag(rng.normal(1.1, 0.04, 3))
    turn[0] *= rng.choice([-1, 1])
    # the average of 152 registered heads is larger than any of them; its own middle lies behind and above the origin of its coordinates
    moved = np.einsum("ij,jxyz->ixyz", turn, places + bend) + np.array([0.0, -18.0, 8.0])[:, None, None, None]
    voxels = np.einsum("ij,jxyz->ixyz", to_voxel[:3, :3], moved) + to_voxel[:3, 3][:, None, None, None]

    def sample(volume: Field) -> Field:
        found: Field = map_coordinates(volume, voxels, order=1, mode="constant").astype(np.float32)
        return np.clip(found, 0, 1)

    brain = sample(whole)
    matter_grey, matter_white = sample(grey), sample(white)
    total = np.maximum(matter_grey + matter_white, np.float32(1e-6))
    over = np.minimum(1, brain / total)
    matter_grey, matter_white = matter_grey * over, matter_white * over
    fluid = np.clip(brain - matter_grey - matter_white, 0, 1)
    depth = _depth(brain, grid=grid)
    inner_fluid = (fluid > 0.5) & (depth > 22)
    return Tissues(
        fluid=fluid,
        grey=matter_grey,
        white=matter_white,
        depth=depth,
        from_ventricles=-_depth(inner_fluid.astype(np.float32), grid=grid),
    )


def _depth(share: Field, *, grid: HeadGrid) -> Field:
    inside = share > 0.5
    found: Field = ((distance_transform_edt(inside) - distance_transform_edt(~inside)) * grid.spacing).astype(
        np.float32
    )
    return found


@cache
def _atlas(spacing: float) -> tuple[Field, Field, Field, Any]:
    """(grey, white, brain) at 2 mm (x, y, z), smoothed for voxels of `spacing` mm, and the affine from voxel to mm."""
    inside_package("nilearn", "datasets")
    datasets: Any = import_module("nilearn.datasets")
    images = [
        getattr(datasets, f"load_mni152_{name}")(resolution=2) for name in ("gm_template", "wm_template", "brain_mask")
    ]
    affine = np.asarray(images[0].affine, dtype=np.float64)
    sigma = spacing / abs(affine[0, 0]) / 3
    grey, white, brain = (gaussian_filter(np.asarray(image.dataobj, dtype=np.float32), sigma=sigma) for image in images)
    return grey, white, brain, affine
