"""Trains every network of the bundle with the same data, steps and schedule; a refiner sees reference masks alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import yaml
from monai.losses.cldice import SoftclDiceLoss
from monai.losses.dice import DiceLoss
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from baselines.topology_refinement.data import TRAINING_SEED, Pair, Subject, batch_of, subjects
from baselines.topology_refinement.inference import probabilities
from baselines.topology_refinement.model import After, Bundle, Upstream
from baselines.topology_refinement.synthesis import Label, Synthesis
from evaluators.phantoms.randomness import stream

FOLDER = Path(__file__).parent
SizeName = Literal["ci", "cpu", "gpu", "ci-volume", "gpu-volume"]
SIZES: tuple[SizeName, ...] = ("ci", "cpu", "gpu", "ci-volume", "gpu-volume")
Loss = Callable[[Tensor, Tensor], Tensor]
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """each: phantoms of every shape, of `size` voxels along an axis; all networks take `steps` of `batch` crops."""

    each: int
    size: int
    crop: int
    steps: int
    batch: int
    rate: float
    order: int
    window: int
    haze: float


@dataclass(frozen=True, kw_only=True)
class Trained:
    """All networks, and of each the mean loss of the first and last twentieth of its steps and the seconds it took."""

    bundle: Bundle
    first_loss: dict[str, float]
    last_loss: dict[str, float]
    seconds: dict[str, float]


def sizes_of(size: SizeName) -> tuple[dict[str, int], Plan]:
    """Network widths and training plan, from baseline.yaml."""
    chosen = yaml.safe_load((FOLDER / "baseline.yaml").read_text(encoding="utf-8"))["sizes"][size]
    return dict(chosen["network"]), Plan(**chosen["training"])


def train(*, size: SizeName, seed: int, say: Say, names: tuple[Upstream | After, ...] = (*Upstream, *After)) -> Trained:
    """Train `names` from scratch, network A before the refiner that is biased towards it. `seed` fixes all of it."""
    network, plan = sizes_of(size)
    torch.manual_seed(seed)
    bundle = Bundle(**network)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    bundle.to(device)
    start = time.monotonic()
    data = subjects(seed=TRAINING_SEED, each=plan.each, axes=bundle.dims, size=plan.size)
    say(f"{len(data)} phantoms after {time.monotonic() - start:.0f} s")
    trained = Trained(bundle=bundle, first_loss={}, last_loss={}, seconds={})
    for name in names:
        begun = time.monotonic()
        rng = stream(seed, "topology refinement", name)
        draw = _source(name, bundle=bundle, data=data, plan=plan, rng=rng)
        losses = fit(bundle.nets[name.value], draw=draw, loss=LOSSES.get(name, _cross_entropy), plan=plan, rng=rng)
        part = max(1, plan.steps // 20)
        trained.first_loss[name.value] = sum(losses[:part]) / part
        trained.last_loss[name.value] = sum(losses[-part:]) / part
        trained.seconds[name.value] = time.monotonic() - begun
        say(f"{name}: loss {trained.last_loss[name.value]:.4f}, {trained.seconds[name.value]:.0f} s")
    bundle.eval()
    return trained


def fit(net: nn.Module, *, draw: Callable[[], Pair], loss: Loss, plan: Plan, rng: np.random.Generator) -> list[float]:
    """Adam, one cycle of the learning rate, gradients clipped to norm 1; the loss of every step."""
    net.train()
    device = next(net.parameters()).device
    optimiser = torch.optim.Adam(net.parameters(), lr=plan.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.rate, total_steps=plan.steps, pct_start=0.1)
    losses: list[float] = []
    for _ in range(plan.steps):
        inputs, masks = batch_of(draw, batch=plan.batch, crop=plan.crop, rng=rng)
        value = loss(net(inputs.to(device)), masks.to(device))
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(value.item())
    net.eval()
    return losses


def _source(
    name: Upstream | After, *, bundle: Bundle, data: tuple[Subject, ...], plan: Plan, rng: np.random.Generator
) -> Callable[[], Pair]:
    """What one network learns from: images, torn masks, or what network A made of the images."""
    if isinstance(name, After) and name.family is not None:
        synthesis = Synthesis(family=name.family, order=plan.order, window=plan.window, haze=plan.haze)
        labels = [Label.of(one.phantom.mask) for one in data]

        def torn() -> Pair:
            label = labels[int(rng.integers(len(labels)))]
            return synthesis.draw(label, rng=rng), label.mask

        return torn
    pairs = [one.pair for one in data]
    if name is After.BIASED:
        net = probabilities(bundle.nets[Upstream.A.value])
        pairs = [(net(image), mask) for image, mask in pairs]
    return lambda: pairs[int(rng.integers(len(pairs)))]


def _cross_entropy(logits: Tensor, mask: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(logits, mask)


def _dice(logits: Tensor, mask: Tensor) -> Tensor:
    value: Tensor = _DICE(logits, mask)
    return _cross_entropy(logits, mask) + value


def _cldice(logits: Tensor, mask: Tensor) -> Tensor:
    value: Tensor = (_DICE(logits, mask) + _CLDICE(logits, mask)) / 2
    return _cross_entropy(logits, mask) + value


_DICE, _CLDICE = DiceLoss(sigmoid=True), SoftclDiceLoss(sigmoid=True)
#: cross-entropy where nothing else is named, as the refiner's paper has it
LOSSES: dict[Upstream | After, Loss] = {Upstream.A: _dice, Upstream.B: _dice, Upstream.CLDICE: _cldice}


def note_of(*, size: SizeName, seed: int, trained: Trained) -> dict[str, Any]:
    """What a weights file says about its making."""
    _, plan = sizes_of(size)
    return {
        "command": f"python -m baselines.topology_refinement.train --size {size} --seed {seed}",
        "data": f"{plan.each} phantoms of every shape, {plan.size} voxels along an axis, public seed {TRAINING_SEED}",
        "final_loss": {name: round(loss, 4) for name, loss in trained.last_loss.items()},
        "seconds": round(sum(trained.seconds.values())),
        **asdict(plan),
    }
