"""One training loop for both networks: the same data, steps, optimiser and schedule, so that only the method differs."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
import yaml
from torch import Tensor, nn

from baselines.cine.data import TRAINING_SEED, batches, training_frames
from baselines.cine.fit import Trained, fit
from baselines.cine.network import Forward, save_weights
from evaluators.phantoms.sizes import DEMO, FULL, CineSize

SizeName = Literal["ci", "cpu", "gpu"]
MATRICES: Mapping[SizeName, CineSize] = {
    "ci": CineSize(nx=48, ny=36, coils=4, slices=1, frames=3),
    "cpu": DEMO,
    "gpu": FULL,
}
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and on what a network is trained; the two methods share every number of it."""

    subjects: int
    shapes: int
    steps: int
    batch: int
    rate: float


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A method to train: its folder, how its network is built and run, and its loss."""

    folder: str
    build: Callable[..., nn.Module]
    forward: Callable[[nn.Module], Forward]
    loss: Callable[[Tensor, Tensor], Tensor]


def sizes_of(*, folder: str, size: SizeName) -> tuple[dict[str, int], Plan]:
    """Network sizes and training plan of one size, from the method's baseline.yaml."""
    document = yaml.safe_load((ROOT / "baselines" / folder / "baseline.yaml").read_text(encoding="utf-8"))
    chosen = document["sizes"][size]
    return dict(chosen["network"]), Plan(**chosen["training"])


def train(*, recipe: Recipe, size: SizeName, seed: int, say: Callable[[str], None]) -> Trained:
    """Train from scratch as `fit` does; `seed` fixes all of it."""
    network, plan = sizes_of(folder=recipe.folder, size=size)
    start = time.monotonic()
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = recipe.build(**network).to(device)
    run = recipe.forward(net)
    frames = training_frames(subjects=plan.subjects, shapes=plan.shapes, size=MATRICES[size])
    say(
        f"{len(frames.noise)} frames of {plan.subjects} chests and {plan.shapes} scans of shapes after {time.monotonic() - start:.0f} s"
    )

    def losses() -> Iterator[Callable[[], Tensor]]:
        for batch in batches(frames=frames, steps=plan.steps, batch=plan.batch, seed=seed):
            yield lambda batch=batch: recipe.loss(  # type: ignore[misc]
                run(batch.kspace.to(device), batch.mask.to(device)), batch.target.to(device)
            )

    return fit(net=net, losses=losses(), steps=plan.steps, rate=plan.rate, started=start, say=say)


def note_of(*, recipe: Recipe, size: SizeName, seed: int, trained: Trained) -> dict[str, Any]:
    """What a weights file says about its making."""
    _, plan = sizes_of(folder=recipe.folder, size=size)
    return {
        "command": f"python -m baselines.{recipe.folder}.train --size {size} --seed {seed}",
        "data": f"{plan.subjects} phantom subjects and {plan.shapes} of random shapes, public seed {TRAINING_SEED}, {asdict(MATRICES[size])}",
        "final_loss": round(trained.last_loss, 4),
        "seconds": round(trained.seconds),
        **asdict(plan),
    }


def main(recipe: Recipe) -> None:
    """Command line of every train.py: trains one size with one seed and writes its weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=list(MATRICES), default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path, default=ROOT / "baselines" / recipe.folder / "weights.safetensors")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    trained = train(recipe=recipe, size=options.size, seed=options.seed, say=lambda line: print(line, flush=True))
    note = note_of(recipe=recipe, size=options.size, seed=options.seed, trained=trained)
    network, _ = sizes_of(folder=recipe.folder, size=options.size)
    save_weights(path=options.weights, net=trained.net, sizes=network, note=note)
    print(f"{options.weights.name}: {note}", file=sys.stderr)
