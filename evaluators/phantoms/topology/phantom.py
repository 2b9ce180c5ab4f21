"""Start here: one subject of a shape, its image, its mask and the Betti numbers that the mask has by construction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.errors import ImpossibleSize
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.topology.cells import draw_cells
from evaluators.phantoms.topology.drawing import draw_cleanly
from evaluators.phantoms.topology.picture import photograph
from evaluators.phantoms.topology.rings import draw_rings
from evaluators.phantoms.topology.space import Mask, Space
from evaluators.phantoms.topology.trees import draw_trees


class Shape(StrEnum):
    """What is to be outlined; a stratum of the challenge."""

    TREE = "tree"
    RINGS = "rings"
    CELLS = "cells"


#: number of axes -> shapes that exist there
SHAPES: Mapping[int, tuple[Shape, ...]] = MappingProxyType(
    {2: (Shape.TREE, Shape.RINGS, Shape.CELLS), 3: (Shape.TREE, Shape.RINGS)}
)
#: the challenge's picture and volume
PICTURE, VOLUME = Space(axes=2, size=96), Space(axes=3, size=48)
#: smaller ones hold no ring or no branching
LEAST = {2: 48, 3: 32}
_DRAW = {Shape.TREE: draw_trees, Shape.RINGS: draw_rings, Shape.CELLS: draw_cells}


@dataclass(frozen=True, kw_only=True)
class Phantom:
    """image: (x, y) or (x, y, z) float32, arbitrary unit. mask: the same shape. betti: (b0, b1) or (b0, b1, b2) of the mask."""

    image: NDArray[np.float32]
    mask: Mask
    betti: tuple[int, ...]


def simulate(*, seed: bytes | int, subject: int, shape: Shape, space: Space = PICTURE) -> Phantom:
    """One subject; the same seed, subject, shape and space give the same phantom. Raises ImpossibleSize."""
    if shape not in SHAPES.get(space.axes, ()) or space.size < LEAST[space.axes]:
        raise ImpossibleSize(
            f"{shape} with {space.size} voxels along {space.axes} axes: tree and rings exist in pictures from "
            f"{LEAST[2]} and volumes from {LEAST[3]} voxels along an axis, cells in pictures alone"
        )
    rng = stream(seed, "topology", shape, space.axes, space.size, subject)
    drawing = draw_cleanly(_DRAW[shape], space=space, rng=rng)
    return Phantom(image=photograph(drawing, space=space, rng=rng), mask=drawing.mask, betti=drawing.betti)
