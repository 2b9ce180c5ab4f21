"""The grid that a head is sampled on, smooth random fields over it, and soft edges in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

#: (x, y, z); signals and depths in single precision, though numpy may hand doubles on
Field = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class HeadGrid:
    """Matrix (x, y, z) and edge of a voxel in mm; x to the right, y to the front, z up; the origin is the centre.

    The default holds a whole brain: 176 x 208 x 176 mm.
    """

    shape: tuple[int, int, int] = (44, 52, 44)
    spacing: float = 4.0

    @property
    def affine(self) -> NDArray[np.float64]:
        """(4, 4), voxel index -> mm in RAS."""
        found = np.diag([self.spacing] * 3 + [1.0])
        found[:3, 3] = [-(size - 1) / 2 * self.spacing for size in self.shape]
        return found

    def axes(self) -> tuple[Field, Field, Field]:
        """mm from the centre along x, y and z, each shaped to broadcast over (x, y, z)."""
        sides = [(np.arange(size, dtype=np.float32) - (size - 1) / 2) * np.float32(self.spacing) for size in self.shape]
        return sides[0][:, None, None], sides[1][None, :, None], sides[2][None, None, :]

    def distance(self, at: tuple[float, float, float]) -> Field:
        """mm from a point to every voxel's centre. (x, y, z)"""
        x, y, z = self.axes()
        found: Field = np.sqrt((x - at[0]) ** 2 + (y - at[1]) ** 2 + (z - at[2]) ** 2)
        return found

    def ellipsoid(self, *, at: tuple[float, float, float], axes: tuple[float, float, float]) -> Field:
        """About how many mm a voxel lies inside (above 0) or outside an ellipsoid. (x, y, z)"""
        x, y, z = self.axes()
        radius = np.sqrt(((x - at[0]) / axes[0]) ** 2 + ((y - at[1]) / axes[1]) ** 2 + ((z - at[2]) / axes[2]) ** 2)
        inside: Field = ((1 - radius) * min(axes)).astype(np.float32)
        return inside

    def smooth_noise(self, *, scale: float, rng: np.random.Generator) -> Field:
        """A random field of standard deviation 1 whose hills are about `scale` mm wide. (x, y, z)"""
        # drawn on a grid just fine enough for the hills, then spread out: the same look at a fraction of the time
        coarse = max(1, int(scale / self.spacing / 4))
        drawn = rng.standard_normal([-(-size // coarse) + 3 for size in self.shape], dtype=np.float32)
        rough = gaussian_filter(drawn, sigma=scale / self.spacing / 2 / coarse, mode="wrap")
        noise = zoom(rough, coarse, order=1, prefilter=False)[tuple(slice(0, size) for size in self.shape)]
        smooth: Field = (noise - noise.mean()) / noise.std()
        return smooth

    def soft(self, depth: Field, *, edge: float | None = None) -> Field:
        """Share of a voxel that is inside, from its depth in mm: an edge about one voxel wide, as partial volume makes it."""
        width = np.float32(self.spacing / 2 if edge is None else edge)
        share: Field = np.clip(0.5 + depth / (2 * width), 0, 1).astype(np.float32)
        return share
