"""Closed rings, and in three axes closed shells: each in a place of its own, bent, some inside another."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.stats import special_ortho_group

from evaluators.phantoms.topology.drawing import Drawing
from evaluators.phantoms.topology.space import Bend, Points, Space
from evaluators.phantoms.topology.tubes import STEP, Samples, closed_curve, depth_inside, together

#: voxels that one ring has for itself along each axis
PLACE = {2: 31.0, 3: 23.0}
#: chance that a place holds something
FILLED = 0.75


def draw_rings(*, space: Space, rng: np.random.Generator) -> Drawing:
    """b0 = rings + shells, b1 = rings, b2 = shells; in a picture there are no shells."""
    room = PLACE[space.axes]
    count = int(space.size // room)
    centres = [(np.array(slot) + 0.5) * space.size / count - 0.5 for slot in product(range(count), repeat=space.axes)]
    chosen = [centre for centre in centres if rng.random() < FILLED] or centres[:1]
    rings: list[Samples] = []
    shells: list[Samples] = []
    for centre in chosen:
        if space.axes == 3 and rng.random() < 0.35:
            shells.append(_shell(centre, radius=room * rng.uniform(0.24, 0.34), rng=rng))
            continue
        radius = room * rng.uniform(0.26, 0.38)
        rings.append(_ring(centre, radius=radius, width=rng.uniform(1.0, 1.7), rng=rng))
        if space.axes == 2 and radius > 0.33 * room and rng.random() < 0.5:
            rings.append(_ring(centre, radius=0.38 * radius, width=1.0, rng=rng))
    depth = depth_inside(together(rings + shells), bend=Bend.draw(space=space, rng=rng), space=space)
    return Drawing(depth=depth, betti=(len(rings) + len(shells), len(rings), len(shells))[: space.axes])


def _ring(centre: Points, *, radius: float, width: float, rng: np.random.Generator) -> Samples:
    """A circle with two slow waves on it, turned anyhow."""
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    wave = 1 + sum(rng.normal(0, 0.07) * np.cos(turns * angle + rng.uniform(0, 2 * np.pi)) for turns in (2, 3))
    flat = np.zeros((angle.size, centre.size))
    flat[:, 0], flat[:, 1] = radius * wave * np.cos(angle), radius * wave * np.sin(angle)
    turned = flat @ special_ortho_group.rvs(centre.size, random_state=rng)
    return closed_curve(centre + turned, radius=width)


def _shell(centre: Points, *, radius: float, rng: np.random.Generator) -> Samples:
    """The surface of an ellipsoid; points on it lie as close as those of a line (Fibonacci's spiral)."""
    count = int(4 * np.pi * radius**2 / STEP)
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    angle = np.pi * (1 + np.sqrt(5)) * np.arange(count)
    across = np.sqrt(1 - height**2)
    sphere = np.stack([across * np.cos(angle), across * np.sin(angle), height], axis=1)
    axes = radius * rng.uniform(0.85, 1.15, 3)
    points = centre + (sphere * axes) @ special_ortho_group.rvs(3, random_state=rng)
    return Samples(points=points, radius=np.full(count, 1.1))
