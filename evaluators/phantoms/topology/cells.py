"""Cell borders in a picture: the walls of a patch of cells, each the places nearer to its own nucleus than to any other."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.spatial.distance import cdist

from evaluators.phantoms.topology.drawing import Drawing
from evaluators.phantoms.topology.space import Bend, Space

#: pixels between nuclei, and how far each is moved from the lattice
SPACING, JITTER = 14.0, 3.5


def draw_cells(*, space: Space, rng: np.random.Generator) -> Drawing:
    """One patch of cells with a wall around each: b0 = 1, b1 = cells. Two axes alone."""
    count = int(np.ceil(space.size / SPACING)) + 2
    lattice = np.array(list(product(range(count), repeat=2)), dtype=np.float64)
    # every second row is shifted, as close-packed cells are
    lattice[:, 1] += 0.5 * (lattice[:, 0] % 2)
    nuclei = (lattice - (count - 1) / 2) * SPACING + (space.size - 1) / 2
    nuclei += rng.uniform(-JITTER, JITTER, nuclei.shape)
    centre = (space.size - 1) / 2 + rng.uniform(-6, 6, 2)
    reach = space.size * rng.uniform(0.28, 0.36, 2)
    patch = (((nuclei - centre) / reach) ** 2).sum(axis=1) < 1
    places = Bend.draw(space=space, rng=rng)(space.places())
    squares = cdist(places, nuclei, "sqeuclidean")
    own = squares.argmin(axis=1)
    pixels = np.arange(own.size)
    # to the line that is as far from one's own nucleus as from another one
    apart = cdist(nuclei, nuclei)[own]
    apart[pixels, own] = np.inf
    wall = (squares - squares[pixels, own][:, None]) / (2 * apart)
    wall[pixels, own] = np.inf
    wall[~(patch[own][:, None] | patch[None, :])] = np.inf
    distance = np.minimum(wall.min(axis=1), 12.0)
    return Drawing(depth=space.field(rng.uniform(1.0, 1.4) - distance), betti=(1, int(patch.sum())))
