"""A pulse for any still picture: tissue moves towards one point and back once a cycle."""

from __future__ import annotations

from math import pi, sin

import numpy as np
from scipy.ndimage import map_coordinates

from evaluators.phantoms.canvas import Plane


def pulsate(*, plane: Plane, frames: int, rng: np.random.Generator) -> list[Plane]:
    """Frames (y, x) of one cycle; the strongest motion is a tenth to a fifth of the distance to the point."""
    ny, nx = plane.shape
    rows, columns = np.mgrid[0:ny, 0:nx].astype(np.float32)
    centre = (ny * rng.uniform(0.4, 0.6), nx * rng.uniform(0.4, 0.6))
    dy, dx = rows - np.float32(centre[0]), columns - np.float32(centre[1])
    near = np.exp(-(np.square(dy / (0.22 * ny)) + np.square(dx / (0.22 * nx))))
    strength = rng.uniform(0.1, 0.2)
    moments = []
    for frame in range(frames):
        squeeze = np.float32(strength * sin(pi * frame / frames) ** 2)
        moved = map_coordinates(plane, (rows + squeeze * near * dy, columns + squeeze * near * dx), order=1)
        moments.append(moved.astype(np.float32))
    return moments
