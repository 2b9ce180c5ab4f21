"""Sizes, data and steps that the mixture and its rival share, and the command line of both train.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
import yaml
from torch import nn

from baselines.cine import command
from baselines.cine.command import Made, training_options
from baselines.cine.fit import Trained
from baselines.cine.training import ROOT, SizeName
from baselines.lesions.data import TRAINING_SEED, Batch, Images, batches, training_images
from baselines.lesions.fitting import OptimiserName, PrecisionName
from baselines.mome.model import MODALITIES
from evaluators.phantoms.brain.grid import HeadGrid
from evaluators.phantoms.randomness import stream

Say = Callable[[str], None]
#: a finer grid for the size that has a GPU
GRIDS: Mapping[SizeName, HeadGrid] = {
    "ci": HeadGrid(),
    "cpu": HeadGrid(),
    "gpu": HeadGrid(shape=(176, 208, 176), spacing=1.0),
}
#: x and y that hold every brain: slices of one training have one size
_SLICE = (160.0, 192.0)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and on what the networks are trained; mixture and rival share every number of it.

    heads, real: subjects, simulated and of the atlas, five images each. window: edge of a training cube in voxels; 0 for slices.
    """

    heads: int
    real: int
    expert_steps: int
    joint_steps: int
    batch: int
    rate: float
    joint_rate: float
    optimiser: OptimiserName
    precision: PrecisionName
    window: int = 0

    @property
    def all_steps(self) -> int:
        """Of every expert and the joint training together: what the rival gets."""
        return len(MODALITIES) * self.expert_steps + self.joint_steps


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training about to begin: what a method's function gets."""

    network: Mapping[str, int]
    plan: Plan
    images: Images
    seed: int
    say: Say

    def batches(self, *, steps: int, stage: str, modality: int | None = None) -> Iterator[Batch]:
        """Random batches; every stage of a training draws its own."""
        return batches(
            images=self.images,
            steps=steps,
            batch=self.plan.batch,
            seed=int(stream(self.seed, stage).integers(2**62)),
            planes=self.network["planes"],
            window=self.plan.window or None,
            modality=modality,
        )


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A method to train: its folder, how its network is built, and its training, which returns the last phase's losses."""

    folder: str
    build: Callable[..., nn.Module]
    train: Callable[[Run], tuple[nn.Module, list[float]]]


def sizes_of(*, folder: str, size: SizeName) -> tuple[dict[str, int], Plan]:
    """Network sizes and training plan of one size, from the method's baseline.yaml."""
    document = yaml.safe_load((ROOT / "baselines" / folder / "baseline.yaml").read_text(encoding="utf-8"))
    chosen = document["sizes"][size]
    return dict(chosen["network"]), Plan(**chosen["training"])


def images_of(size: SizeName, *, plan: Plan) -> Images:
    """The training images of one size; the same for every method and seed."""
    grid = GRIDS[size]
    sides = tuple(round(side / grid.spacing) for side in _SLICE)
    return training_images(heads=plan.heads, real=plan.real, grid=grid, sides=sides)


def train(*, recipe: Recipe, size: SizeName, seed: int, say: Say, images: Images | None = None) -> Trained:
    """Train from scratch; `seed` fixes all of it. The losses are those of the last phase.

    images: those of images_of, where they were made before.
    """
    network, plan = sizes_of(folder=recipe.folder, size=size)
    start = time.monotonic()
    images = images or images_of(size, plan=plan)
    say(f"{len(images.volume)} images after {time.monotonic() - start:.0f} s")
    torch.manual_seed(seed)
    net, losses = recipe.train(Run(network=network, plan=plan, images=images, seed=seed, say=say))
    part = max(1, len(losses) // 20)
    return Trained(
        net=net,
        first_loss=sum(losses[:part]) / part,
        last_loss=sum(losses[-part:]) / part,
        seconds=time.monotonic() - start,
    )


def note_of(*, recipe: Recipe, size: SizeName, seed: int, trained: Trained) -> dict[str, Any]:
    """What a weights file says about its making."""
    _, plan = sizes_of(folder=recipe.folder, size=size)
    grid = GRIDS[size]
    return {
        "command": f"python -m baselines.{recipe.folder}.train --size {size} --seed {seed}",
        "data": f"{plan.heads} simulated heads and {plan.real} of the MNI average, five modalities each, public seed "
        f"{TRAINING_SEED}, {grid.shape} voxels of {grid.spacing:g} mm",
        "final_loss": round(trained.last_loss, 4),
        "seconds": round(trained.seconds),
        **asdict(plan),
    }


def main(recipe: Recipe) -> None:
    """Command line of every train.py."""

    def make(size: SizeName, seed: int, say: Callable[[str], None]) -> Made:
        trained = train(recipe=recipe, size=size, seed=seed, say=say)
        note = note_of(recipe=recipe, size=size, seed=seed, trained=trained)
        return Made(net=trained.net, sizes=sizes_of(folder=recipe.folder, size=size)[0], note=note)

    command.main(options=training_options(sizes=GRIDS).parse_args(), folder=recipe.folder, make=make)
