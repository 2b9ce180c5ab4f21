"""Acceptance gates of the brain lesions: three seeds of mixture and rivals on heads nobody trained on.

python -m baselines.lesions.gates             measures all; trains what is missing in var/lesions
python -m baselines.lesions.gates --record    also writes what was measured into both baseline.yaml, and seed 0's weights beside it
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch

from baselines.cine.report import commit_weights
from baselines.cine.training import ROOT
from baselines.lesions import report
from baselines.lesions.data import Images
from baselines.lesions.measure import Variant, means, measure
from baselines.lesions.seeds import networks
from baselines.lesions.training import Run, images_of, sizes_of
from baselines.mome.model import MoME
from baselines.mome.train import together

SEEDS = (0, 1, 2)
#: group -> heads, five images each
HEADS: Mapping[str, int] = {"seen": 9, "real": 2, "unseen-scanner": 2, "unseen-lesion": 2}


@cache
def _images() -> Images:
    return images_of("cpu", plan=sizes_of(folder="mome", size="cpu")[1])


def gradient_at_start(net: MoME) -> float:
    """The largest gradient that the first step of the joint training gives any number of the gate."""
    sizes, plan = sizes_of(folder="mome", size="ci")
    run = Run(
        network={**sizes, "planes": net.view.planes}, plan=plan, images=images_of("ci", plan=plan), seed=0, say=print
    )
    net.zero_grad()
    loss = together(net, over_batch=True)(next(run.batches(steps=1, stage="gradient")), progress=0.0)
    loss.backward()  # type: ignore[no-untyped-call]
    return max(float(value.grad.abs().max()) for value in net.gate.parameters() if value.grad is not None)


def measure_seed(seed: int, *, folder: Path, heads: Mapping[str, int]) -> dict[str, float]:
    """All means of one seed, kept in the folder: a second look is free."""
    kept = folder / f"measured-{seed}.json"
    if kept.exists():
        before = json.loads(kept.read_text(encoding="utf-8"))
        if before["heads"] == dict(heads):
            return dict(before["means"])
    nets = networks(seed=seed, folder=folder, images=_images)
    found = {**means(measure(nets=nets, heads=heads)), "gradient-at-0": gradient_at_start(nets.experts)}
    kept.write_text(json.dumps({"heads": dict(heads), "means": found}), encoding="utf-8")
    return found


def main() -> None:
    """Measure, print, and with --record write into both baseline.yaml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=ROOT / "var" / "lesions")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    measured = [measure_seed(seed, folder=options.weights, heads=HEADS) for seed in options.seeds]
    told = report.table(measured, variants=list(Variant))
    for row in (told["columns"], *told["rows"]):
        print("  ".join(f"{cell:>15}" for cell in row))
    for gate in report.gates(measured):
        print(gate)
    if options.record:
        for name in report.METHODS:
            commit_weights(method=name, measured=options.weights / f"{name}-{SEEDS[0]}.safetensors")
        report.record(seeds=measured, heads=HEADS)


if __name__ == "__main__":
    main()
