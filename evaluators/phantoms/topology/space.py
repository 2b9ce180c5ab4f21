"""The picture or volume that a structure lies in: its size, its voxels' places, a bend of the whole, smooth random fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

#: one number a voxel, (x, y) or (x, y, z)
Field = NDArray[np.float64]
#: voxel coordinates, (point, axis)
Points = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Space:
    """`size` voxels along each of two or three axes."""

    axes: int
    size: int

    @property
    def shape(self) -> tuple[int, ...]:
        """(x, y) or (x, y, z)."""
        return (self.size,) * self.axes

    def places(self) -> Points:
        """Coordinates of all voxels in the order of memory, (voxel, axis)."""
        return np.indices(self.shape).reshape(self.axes, -1).T.astype(np.float64)

    def field(self, values: NDArray[np.float64]) -> Field:
        """One value a voxel, in the order of `places`, as (x, y) or (x, y, z)."""
        return values.reshape(self.shape)

    def smooth_noise(self, *, scale: float, rng: np.random.Generator) -> Field:
        """A random field of mean 0 and standard deviation 1 whose hills are about `scale` voxels wide."""
        rough = gaussian_filter(rng.standard_normal(self.shape), sigma=scale / 2, mode="wrap")
        noise: Field = (rough - rough.mean()) / rough.std()
        return noise


@dataclass(frozen=True, kw_only=True)
class Bend:
    """A smooth displacement of the whole space, one-to-one, so that what is bent keeps its topology."""

    #: (wave, axis): cycles a voxel, and the displacement in voxels
    waves: NDArray[np.float64]
    pushes: NDArray[np.float64]
    phases: NDArray[np.float64]

    @classmethod
    def draw(cls, *, space: Space, rng: np.random.Generator, steepness: float = 0.3) -> Bend:
        """Four waves, each 25 to 60 voxels long; steepness below 1 bounds the strain, which keeps it one-to-one."""
        ways = rng.standard_normal((4, space.axes))
        lengths = rng.uniform(25, 60, (4, 1))
        waves = ways / np.linalg.norm(ways, axis=1, keepdims=True) / lengths
        pushes = rng.standard_normal((4, space.axes))
        pushes *= steepness / 4 * lengths / (2 * np.pi) / np.linalg.norm(pushes, axis=1, keepdims=True)
        return cls(waves=waves, pushes=pushes, phases=rng.uniform(0, 2 * np.pi, 4))

    def __call__(self, points: Points) -> Points:
        """(point, axis) -> (point, axis)."""
        moved: Points = points + np.sin(2 * np.pi * points @ self.waves.T + self.phases) @ self.pushes
        return moved
