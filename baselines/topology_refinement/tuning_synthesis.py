"""Haze and specks of the synthesis and a refiner's crops, chosen on validation phantoms: python -m baselines.topology_refinement.tuning_synthesis.

A refiner of few steps for every point of the grid stands behind the networks of the committed weights. A choice mends loops and
pieces behind both networks at the least cost in Dice; it stands in baseline.yaml. Smaller crops come in larger batches, so that
every refiner sees as many voxels.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace

import torch

from baselines.cine.network import load_weights
from baselines.topology_refinement.data import VALIDATION_SEED
from baselines.topology_refinement.infer import WEIGHTS_FILE
from baselines.topology_refinement.measuring import measure
from baselines.topology_refinement.model import After, Bundle, Upstream
from baselines.topology_refinement.training import sizes_of, train

#: haze, its order, specks, side of a crop
GRID = ((0.6, 24, 40, 96), (0.6, 24, 40, 48), (0.3, 6, 0, 96), (0.6, 24, 0, 96), (0.3, 6, 40, 96), (0.9, 24, 80, 96))
_SHOWN = {"b1": "b1", "betti_without_specks": "b0 + b1 without specks", "dice": "Dice"}


def main() -> None:
    """Print every point with what it does to the errors of each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--each", type=int, default=15)
    parser.add_argument("--points", type=int, default=len(GRID), help="so many of the grid, from its beginning")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    bundle = load_weights(path=WEIGHTS_FILE, build=Bundle)
    own = sizes_of("cpu")[1]
    for haze, order, specks, crop in GRID[: options.points]:
        batch = own.refiner_batch * (own.refiner_crop // crop) ** 2
        plan = replace(
            own,
            refining=options.steps,
            haze=haze,
            haze_order=order,
            specks=specks,
            refiner_crop=crop,
            refiner_batch=batch,
        )
        trained = train(size="cpu", seed=0, say=lambda _: None, names=(After.REFINED,), plan=plan).bundle
        bundle.nets[After.REFINED.value] = trained.nets[After.REFINED.value]
        found = measure(bundle, each=options.each, retina=False, seed=VALIDATION_SEED, what=("", After.REFINED.value))
        chosen = plan == replace(own, refining=options.steps)
        print(f"haze {haze} of order {order}, {specks} specks, crops of {crop}{'  <- chosen' if chosen else ''}")
        for upstream in Upstream:
            print(f"  {upstream}: {_change(found, upstream)}")
        print(
            f"  clean reference: b0 {found['identity/b0/refined']:.3f}, Dice {found['identity/dice/refined']:.3f}",
            flush=True,
        )


def _change(found: Mapping[str, float], upstream: Upstream) -> str:
    pairs = {
        title: [found[f"phantom/{metric}/{variant}"] for variant in (upstream, f"{upstream}-{After.REFINED}")]
        for metric, title in _SHOWN.items()
    }
    return "; ".join(f"{title} {before:.3f} -> {after:.3f}" for title, (before, after) in pairs.items())


if __name__ == "__main__":
    main()
