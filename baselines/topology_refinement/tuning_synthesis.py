"""Haze and specks of the synthesis, chosen on validation phantoms: python -m baselines.topology_refinement.tuning_synthesis.

A refiner of few steps for every point of the grid stands behind the networks of the committed weights. A choice mends loops and
pieces behind both networks at the least cost in Dice; it stands in baseline.yaml.
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

#: haze, its order, specks
GRID = ((0.3, 6, 0), (0.6, 24, 0), (0.3, 6, 40), (0.6, 24, 40), (0.9, 24, 80))
_SHOWN = {"b1": "b1", "betti_without_specks": "b0 + b1 without specks", "dice": "Dice"}


def main() -> None:
    """Print every point with what it does to the errors of each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--each", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    bundle = load_weights(path=WEIGHTS_FILE, build=Bundle)
    own = sizes_of("cpu")[1]
    for haze, order, specks in GRID:
        plan = replace(own, refining=options.steps, haze=haze, haze_order=order, specks=specks)
        trained = train(size="cpu", seed=0, say=lambda _: None, names=(After.REFINED,), plan=plan).bundle
        bundle.nets[After.REFINED.value] = trained.nets[After.REFINED.value]
        found = measure(bundle, each=options.each, retina=False, seed=VALIDATION_SEED, what=("", After.REFINED.value))
        chosen = (haze, order, specks) == (own.haze, own.haze_order, own.specks)
        print(f"haze {haze} of order {order}, {specks} specks{'  <- chosen' if chosen else ''}")
        for upstream in Upstream:
            print(f"  {upstream}: {_change(found, upstream)}", flush=True)


def _change(found: Mapping[str, float], upstream: Upstream) -> str:
    pairs = {
        title: [found[f"phantom/{metric}/{variant}"] for variant in (upstream, f"{upstream}-{After.REFINED}")]
        for metric, title in _SHOWN.items()
    }
    return "; ".join(f"{title} {before:.3f} -> {after:.3f}" for title, (before, after) in pairs.items())


if __name__ == "__main__":
    main()
