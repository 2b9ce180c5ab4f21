"""Lesions by kind: where they sit and what they are made of. Each part changes the signal in its own way (contrast.py)."""

from __future__ import annotations

from enum import StrEnum
from math import pi

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.brain.anatomy import Tissues
from evaluators.phantoms.brain.grid import Field, HeadGrid


class Lesion(StrEnum):
    """What is wrong with the head."""

    TUMOUR = "tumour"
    STROKE = "stroke"
    WMH = "wmh"
    MS = "ms"


class Part(StrEnum):
    """What a lesion's voxels are made of."""

    OEDEMA = "oedema"
    CORE = "core"
    RIM = "rim"
    INFARCT = "infarct"
    PATCH = "patch"
    PLAQUE = "plaque"
    #: a plaque that takes up contrast agent
    ACTIVE = "active"


Parts = dict[Part, Field]
#: a reference of fewer voxels is noise to every metric
SMALLEST = 20


def draw(lesion: Lesion, *, grid: HeadGrid, tissues: Tissues, rng: np.random.Generator) -> Parts:
    """Shares of a voxel by part, each (x, y, z); parts overlap nowhere by more than a voxel's edge.

    Drawn again until the lesion has at least SMALLEST voxels in all.
    """
    while True:
        parts = _DRAWN[lesion](grid, tissues, rng)
        if mask(parts).sum() >= SMALLEST:
            return parts


def mask(parts: Parts) -> NDArray[np.bool_]:
    """Voxels that are lesion for the larger part. (x, y, z)"""
    whole: NDArray[np.bool_] = np.sum(list(parts.values()), axis=0) > 0.5
    return whole


def _place(chance: Field, *, grid: HeadGrid, rng: np.random.Generator) -> tuple[float, float, float]:
    """A point drawn with a voxel's chance, anywhere inside that voxel, in mm."""
    flat = np.clip(chance, 0, None).ravel().astype(np.float64)
    index = np.unravel_index(rng.choice(flat.size, p=flat / flat.sum()), grid.shape)
    x, y, z = (
        (position + rng.uniform(-0.5, 0.5) - (size - 1) / 2) * grid.spacing
        for position, size in zip(index, grid.shape, strict=True)
    )
    return float(x), float(y), float(z)


def _near_ventricles(tissues: Tissues, *, reach: float) -> Field:
    """Falls from 1 at the ventricles' wall, to a third over `reach` mm; 0 well inside them. (x, y, z)"""
    near: Field = np.exp(-np.maximum(tissues.from_ventricles, 0) / reach) * (tissues.from_ventricles > -2)
    return near


def _tumour(grid: HeadGrid, tissues: Tissues, rng: np.random.Generator) -> Parts:
    at = _place(np.where(tissues.depth > 14, tissues.white + 0.3 * tissues.grey, 0), grid=grid, rng=rng)
    radius = rng.uniform(8, 20)
    lumps = 0.22 * radius * grid.smooth_noise(scale=radius * 1.6, rng=rng)
    depth = radius - grid.distance(at) + lumps
    brain = tissues.white + tissues.grey
    whole = grid.soft(depth) * np.clip(brain + 0.5 * tissues.fluid, 0, 1)
    solid = grid.soft(depth - radius * rng.uniform(0.3, 0.55))
    core = grid.soft(depth - radius * rng.uniform(0.3, 0.55) - rng.uniform(3, 5))
    core = np.minimum(core, solid)
    # fluid around it follows white matter
    spread = radius * rng.uniform(0.15, 0.5)
    around = grid.soft(depth + spread + 3 * grid.smooth_noise(scale=20, rng=rng)) * tissues.white
    oedema = np.clip(np.maximum(whole, around) - solid, 0, 1)
    return {Part.OEDEMA: oedema, Part.RIM: np.clip(solid - core, 0, 1), Part.CORE: core}


def _stroke(grid: HeadGrid, tissues: Tissues, rng: np.random.Generator) -> Parts:
    x, y, z = grid.axes()
    side = rng.choice([-1, 1])
    if rng.random() < 0.35:
        # a small deep one
        at = _place(np.where(tissues.depth > 25, tissues.white, 0), grid=grid, rng=rng)
        depth = grid.ellipsoid(at=at, axes=(rng.uniform(4, 9), rng.uniform(5, 11), rng.uniform(4, 9)))
    else:
        # a territory: the wedge that one artery feeds, from its origin near the middle to the surface
        origin = (side * rng.uniform(14, 24), rng.uniform(-20, 20), rng.uniform(-6, 12))
        up, round_ = rng.uniform(-0.4, 0.7), rng.uniform(-0.9, 0.9)
        way = np.array([side * np.cos(round_) * np.cos(up), np.sin(round_) * np.cos(up), np.sin(up)])
        dx, dy, dz = x - origin[0], y - origin[1], z - origin[2]
        along = dx * way[0] + dy * way[1] + dz * way[2]
        off = np.sqrt(np.maximum(dx**2 + dy**2 + dz**2 - along**2, 0))
        opening = np.tan(rng.uniform(0.2, 0.45))
        depth = np.minimum(along, opening * np.maximum(along, 0) + 3 - off)
        depth = np.minimum(depth, rng.uniform(30, 60) - along)
    depth = depth.astype(np.float32) + 2.5 * grid.smooth_noise(scale=12, rng=rng)
    return {Part.INFARCT: grid.soft(depth) * np.clip(tissues.white + tissues.grey, 0, 1)}


def _wmh(grid: HeadGrid, tissues: Tissues, rng: np.random.Generator) -> Parts:
    chance = tissues.white * (_near_ventricles(tissues, reach=6) + 0.06 * (tissues.depth > 12))
    found = np.full(grid.shape, -99, dtype=np.float32)
    for _ in range(int(rng.integers(5, 18))):
        at = _place(chance, grid=grid, rng=rng)
        size = float(np.exp(rng.normal(np.log(4.2), 0.35)))
        found = np.maximum(
            found, grid.ellipsoid(at=at, axes=(size * rng.uniform(0.8, 1.3), size * rng.uniform(1, 2), size))
        )
    found += 0.8 * grid.smooth_noise(scale=8, rng=rng)
    return {Part.PATCH: grid.soft(found) * np.clip(tissues.white * 1.5, 0, 1)}


def _ms(grid: HeadGrid, tissues: Tissues, rng: np.random.Generator) -> Parts:
    rim = np.exp(-((tissues.depth - 11) ** 2) / 18)
    chance = tissues.white * (_near_ventricles(tissues, reach=8) + 0.35 * rim + 0.03)
    parts = {Part.PLAQUE: np.zeros(grid.shape, np.float32), Part.ACTIVE: np.zeros(grid.shape, np.float32)}
    for _ in range(int(rng.integers(4, 12))):
        at = _place(chance, grid=grid, rng=rng)
        size = float(np.exp(rng.normal(np.log(4.4), 0.3)))
        # plaques stand upright on the ventricles' wall
        turned = rng.uniform(-0.5, 0.5) + (0 if abs(at[0]) > 20 else pi / 2)
        long, short = size * rng.uniform(1.2, 1.9), size
        axes = (long, short, short) if abs(np.sin(turned)) > 0.7 else (short, long, short)
        share = grid.soft(grid.ellipsoid(at=at, axes=axes)) * np.clip(tissues.white * 1.5, 0, 1)
        kind = Part.ACTIVE if rng.random() < 0.25 else Part.PLAQUE
        parts[kind] = np.maximum(parts[kind], share)
    parts[Part.PLAQUE] = np.clip(parts[Part.PLAQUE] - parts[Part.ACTIVE], 0, 1)
    return parts


_DRAWN = {Lesion.TUMOUR: _tumour, Lesion.STROKE: _stroke, Lesion.WMH: _wmh, Lesion.MS: _ms}
