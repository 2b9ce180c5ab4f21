"""One training loop for all networks: the same data, steps, optimiser and schedule, so that only the method differs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Literal

import torch
import yaml
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from baselines.cine import command
from baselines.cine.command import Made, training_options
from baselines.cine.data import TRAINING_SEED, Batch, batches, training_frames
from baselines.cine.fit import Trained, fit
from baselines.cine.network import Forward, mixed_precision
from evaluators.phantoms.sizes import DEMO, FULL, CineSize

SizeName = Literal["ci", "cpu", "gpu"]
MATRICES: Mapping[SizeName, CineSize] = {
    "ci": CineSize(nx=48, ny=36, coils=4, slices=1, frames=3),
    "cpu": DEMO,
    "gpu": FULL,
}
ROOT = command.ROOT


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and on what a network is trained; U-Net and VarNet share every number of it.

    mapping: of how many of the subjects T1 and T2 contrasts are among the data. mixed_precision: convolutions in bfloat16.
    checkpointing: activations inside the network's segments are computed again instead of kept, for memory.
    """

    subjects: int
    shapes: int
    steps: int
    batch: int
    rate: float
    mapping: int = 0
    mixed_precision: bool = False
    checkpointing: bool = False


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A method to train: its folder, how its network is built and run, its loss, and what differs from its baseline.yaml."""

    folder: str
    build: Callable[..., nn.Module]
    forward: Callable[[nn.Module], Forward]
    loss: Callable[[Tensor, Tensor], Tensor]
    changed: Mapping[str, int] = field(default_factory=dict)

    def sizes(self, size: SizeName) -> tuple[dict[str, int], Plan]:
        """Network sizes and training plan of one size."""
        network, plan = sizes_of(folder=self.folder, size=size)
        return network | dict(self.changed), plan

    @property
    def name(self) -> str:
        """The folder, and what was changed."""
        return "-".join((self.folder, *(f"{key}{value}" for key, value in self.changed.items())))


def sizes_of(*, folder: str, size: SizeName) -> tuple[dict[str, int], Plan]:
    """Network sizes and training plan of one size, from the method's baseline.yaml."""
    document = yaml.safe_load((ROOT / "baselines" / folder / "baseline.yaml").read_text(encoding="utf-8"))
    chosen = document["sizes"][size]
    return dict(chosen["network"]), Plan(**chosen["training"])


@contextmanager
def checkpointed(net: nn.Module) -> Iterator[None]:
    """While it lasts, each of net.segments() keeps its input alone and runs again for its gradients."""
    segments: list[nn.Module] = net.segments()  # type: ignore[operator]
    for segment in segments:
        segment.forward = partial(checkpoint, segment.forward, use_reentrant=False)
    try:
        yield
    finally:
        for segment in segments:
            del segment.forward


def train(*, recipe: Recipe, size: SizeName, seed: int, say: Callable[[str], None]) -> Trained:
    """Train from scratch as `fit` does; `seed` fixes all of it.

    On a GPU where there is one. Mixed precision and checkpointing are the plan's.
    """
    network, plan = recipe.sizes(size)
    start = time.monotonic()
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = recipe.build(**network).to(device)
    run = recipe.forward(net)
    frames = training_frames(subjects=plan.subjects, shapes=plan.shapes, mapping=plan.mapping, size=MATRICES[size])
    say(
        f"{len(frames.noise)} frames of {plan.subjects} chests and {plan.shapes} scans of shapes after {time.monotonic() - start:.0f} s"
    )
    drawn = batches(frames=frames, steps=plan.steps, batch=plan.batch, seed=seed, adjacent=network.get("adjacent", 1))

    def losses() -> Iterator[Callable[[], Tensor]]:
        for batch in drawn:

            def loss(batch: Batch = batch) -> Tensor:
                with mixed_precision(device, wanted=plan.mixed_precision):
                    image = run(batch.kspace.to(device), batch.mask.to(device))
                return recipe.loss(image.float(), batch.target.to(device))

            yield loss

    with checkpointed(net) if plan.checkpointing else nullcontext():
        return fit(net=net, losses=losses(), steps=plan.steps, rate=plan.rate, started=start, say=say)


def note_of(*, recipe: Recipe, size: SizeName, seed: int, trained: Trained) -> dict[str, Any]:
    """What a weights file says about its making."""
    _, plan = recipe.sizes(size)
    changes = [f"--change {key}={number}" for key, number in recipe.changed.items()]
    return {
        "command": " ".join((f"python -m baselines.{recipe.folder}.train --size {size} --seed {seed}", *changes)),
        "data": f"{plan.subjects} phantom subjects and {plan.shapes} of random shapes, public seed {TRAINING_SEED}, {asdict(MATRICES[size])}",
        "final_loss": round(trained.last_loss, 4),
        "seconds": round(trained.seconds),
        **({"changed": dict(recipe.changed)} if recipe.changed else {}),
        **asdict(plan),
    }


def main(recipe: Recipe, words: Sequence[str] | None = None) -> None:
    """Command line of every train.py. --change makes a rival: the same but for a number of its network."""
    parser = training_options(sizes=MATRICES)
    parser.add_argument(
        "--change",
        type=_change,
        action="append",
        default=[],
        metavar="KEY=NUMBER",
        help="another number of the network, such as adjacent=1: a rival of the method, which goes to var/trained",
    )
    options = parser.parse_args(words)
    rival = replace(recipe, changed=dict(options.change))
    if unknown := rival.changed.keys() - (known := recipe.sizes(options.size)[0]).keys():
        parser.error(f"{sorted(unknown)[0]} is no number of this network; there are {', '.join(known)}")

    def make(size: SizeName, seed: int, say: Callable[[str], None]) -> Made:
        trained = train(recipe=rival, size=size, seed=seed, say=say)
        note = note_of(recipe=rival, size=size, seed=seed, trained=trained)
        return Made(net=trained.net, sizes=rival.sizes(size)[0], note=note)

    command.main(
        options=options, folder=recipe.folder, make=make, rival=rival.name.removeprefix(recipe.folder).strip("-")
    )


def _change(words: str) -> tuple[str, int]:
    key, _, number = words.partition("=")
    return key, int(number)
