"""Tubes and walls around sampled lines and surfaces: how deep inside them each voxel lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evaluators.phantoms.topology.space import Bend, Field, Points, Space

#: voxels between neighbouring samples of a line: far less than the thinnest tube is wide
STEP = 0.25


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Points of a centre line or surface, (point, axis), and the half-width of what lies around each, in voxels."""

    points: Points
    radius: NDArray[np.float64]


def segment(start: NDArray[np.float64], stop: NDArray[np.float64], *, radius: float) -> Samples:
    """The straight line from `start` to `stop`, (axis,) each."""
    count = max(2, int(np.ceil(np.linalg.norm(stop - start) / STEP)) + 1)
    share = np.linspace(0, 1, count)[:, None]
    return Samples(points=start + share * (stop - start), radius=np.full(count, radius))


def closed_curve(points: Points, *, radius: float) -> Samples:
    """The polygon through `points`, closed."""
    return together([segment(a, b, radius=radius) for a, b in zip(points, np.roll(points, -1, axis=0), strict=True)])


def together(parts: list[Samples]) -> Samples:
    """All points of all parts."""
    return Samples(
        points=np.concatenate([part.points for part in parts]), radius=np.concatenate([part.radius for part in parts])
    )


def depth_inside(samples: Samples, *, bend: Bend, space: Space) -> Field:
    """Voxels from the nearest wall, positive inside; far outside it is about -8. The lines are bent, their widths are not."""
    distance, nearest = cKDTree(bend(samples.points)).query(space.places(), distance_upper_bound=12.0)
    radius = np.append(samples.radius, 4.0)[nearest]
    return space.field(radius - np.minimum(distance, 12.0))
