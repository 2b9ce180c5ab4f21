"""Vessel trees: branches along a random spanning tree of a lattice, thick at the root and thin at the tips."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.stats import special_ortho_group

from evaluators.phantoms.topology.drawing import Drawing
from evaluators.phantoms.topology.space import Bend, Points, Space
from evaluators.phantoms.topology.tubes import depth_inside, segment, together

#: voxels between branching points, how far each is moved from the lattice, and how near the edge it may lie
SPACING = {2: 14.0, 3: 13.0}
JITTER, MARGIN = 2.5, 4.0
#: half-width of a tip's branch in voxels; a branch that feeds n tips has cbrt(n) times that (Murray's law)
TIP = {2: 1.05, 3: 1.25}
THICKEST = 2.6
#: share of the lattice's points that branches reach
REACHED = 0.8

Node = tuple[int, ...]


def draw_trees(*, space: Space, rng: np.random.Generator) -> Drawing:
    """One or two trees that touch neither themselves nor each other: b0 = trees, no loop, no cavity."""
    places = _lattice(space=space, rng=rng)
    trees = 1 if rng.random() < 0.5 else 2
    parents = _grow(list(places), trees=trees, rng=rng)
    tips = _tips_fed(parents)
    parts = [
        segment(places[parent], places[node], radius=min(THICKEST, TIP[space.axes] * tips[node] ** (1 / 3)))
        for node, parent in parents.items()
        if parent is not None
    ]
    bend = Bend.draw(space=space, rng=rng, steepness=0.7)
    return Drawing(depth=depth_inside(together(parts), bend=bend, space=space), betti=(trees, 0, 0)[: space.axes])


def _lattice(*, space: Space, rng: np.random.Generator) -> dict[Node, Points]:
    """Where branches may begin and end, on a lattice that is turned anyhow: node -> (axis,)."""
    turn = special_ortho_group.rvs(space.axes, random_state=rng)
    middle, reach = (space.size - 1) / 2, int(space.size / SPACING[space.axes])
    places = {}
    for node in product(range(-reach, reach + 1), repeat=space.axes):
        place = middle + turn @ (SPACING[space.axes] * np.array(node)) + rng.uniform(-JITTER, JITTER, space.axes)
        if place.min() >= MARGIN and place.max() <= space.size - 1 - MARGIN:
            places[node] = place
    return places


def _grow(nodes: list[Node], *, trees: int, rng: np.random.Generator) -> dict[Node, Node | None]:
    """node -> the one that feeds it, in the order of growth; a root has None. Every tree grows past its root."""
    roots = [nodes[place] for place in rng.choice(len(nodes), trees, replace=False)]
    parents: dict[Node, Node | None] = dict.fromkeys(roots)
    free = set(nodes)
    while len(parents) < REACHED * len(nodes):
        edges = [(node, other) for node in parents for other in _neighbours(node) if other in free - parents.keys()]
        if not edges:
            break
        # mostly from the youngest branches: vessels run on before they divide
        young = edges[-2 * len(nodes[0]) :] if rng.random() < 0.7 else edges
        node, other = young[int(rng.integers(len(young)))]
        parents[other] = node
    if set(roots) - set(parents.values()):
        return _grow(nodes, trees=trees, rng=rng)
    return parents


def _neighbours(node: Node) -> list[Node]:
    return [(*node[:axis], node[axis] + step, *node[axis + 1 :]) for axis in range(len(node)) for step in (-1, 1)]


def _tips_fed(parents: dict[Node, Node | None]) -> dict[Node, int]:
    feeders = set(parents.values())
    tips = {node: 0 if node in feeders else 1 for node in parents}
    for node in reversed(parents):
        parent = parents[node]
        if parent is not None:
            tips[parent] += tips[node]
    return tips
