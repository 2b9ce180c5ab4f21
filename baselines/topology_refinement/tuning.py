"""The two numbers of the morphological rival, chosen on validation phantoms: python -m baselines.topology_refinement.tuning.

Every point of the grid treats what network A with the committed weights makes of the same images; the fewest b0 + b1 errors win.
The winner stands in inference.py.
"""

from __future__ import annotations

import argparse
from itertools import product
from statistics import fmean

from baselines.cine.network import load_weights
from baselines.topology_refinement.data import VALIDATION_SEED, subjects
from baselines.topology_refinement.infer import WEIGHTS_FILE
from baselines.topology_refinement.inference import CLOSING_RADIUS, SMALLEST_PIECE, closed, normalised, probabilities
from baselines.topology_refinement.measuring import scores
from baselines.topology_refinement.model import Bundle, Upstream
from evaluators.phantoms.topology.phantom import PICTURE

#: radius of the diamond, and voxels of the smallest piece that stays
GRID = tuple(product((1, 2, 3), (10, 20, 40)))


def main() -> None:
    """Print every point with its errors, best last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=10)
    options = parser.parse_args()
    bundle = load_weights(path=WEIGHTS_FILE, build=Bundle)
    assert isinstance(bundle, Bundle)  # noqa: S101 - tells the type checker
    net = probabilities(bundle.nets[Upstream.A.value])
    phantoms = [one.phantom for one in subjects(seed=VALIDATION_SEED, each=options.each, axes=2, size=PICTURE.size)]
    masks = [(net(normalised(one.image)) > 0.5, one.mask) for one in phantoms]
    found = []
    for radius, smallest in GRID:
        judged = [scores(closed(mask, radius=radius, smallest=smallest), reference=truth) for mask, truth in masks]
        found.append((fmean(one["b0"] + one["b1"] for one in judged), radius, smallest))
    for value, radius, smallest in sorted(found, reverse=True):
        chosen = (radius, smallest) == (CLOSING_RADIUS, SMALLEST_PIECE)
        print(f"{value:.3f}  radius {radius}, smallest piece {smallest}{'  <- chosen' if chosen else ''}")


if __name__ == "__main__":
    main()
