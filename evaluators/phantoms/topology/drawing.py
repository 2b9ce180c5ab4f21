"""What every structure is drawn as, and the check that its voxels have the topology of the lines behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluators.metrics.topology.betti import HIGH, LOW, betti_numbers
from evaluators.phantoms.topology.space import Field, Mask, Space


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """depth: voxels from the nearest wall, positive inside. betti: (pieces, loops) or (pieces, loops, cavities), by construction."""

    depth: Field
    betti: tuple[int, ...]

    @property
    def mask(self) -> Mask:
        """The structure's voxels."""
        return self.depth > 0

    @property
    def share(self) -> Field:
        """Share of a voxel that is inside: an edge one voxel wide, as partial volume makes it."""
        return np.clip(0.5 + self.depth, 0, 1)


def draw_cleanly(draw: Callable[..., Drawing], *, space: Space, rng: np.random.Generator) -> Drawing:
    """Drawn again until the voxels have the Betti numbers of the construction under either connectivity.

    Lines that come closer than a voxel melt, and a wall seen at a slant can leak: one drawing in some ten does.
    """
    while True:
        drawing = draw(space=space, rng=rng)
        if all(betti_numbers(drawing.mask, connectivity=which) == drawing.betti for which in (LOW, HIGH)):
            return drawing
