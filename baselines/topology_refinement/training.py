"""Trains every network of the bundle with the same data, steps and schedule; a refiner sees reference masks alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import yaml
from monai.losses.cldice import SoftclDiceLoss
from monai.losses.dice import DiceLoss
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from baselines.cine.fit import fit
from baselines.cine.network import mixed_precision
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
#: with channels innermost, bfloat16 takes half the time of single precision on a CPU (measured: 15 against 34 ms a refiner's step)
LAYOUTS = {2: torch.channels_last, 3: torch.channels_last_3d}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """each: phantoms of every shape, of `size` voxels along an axis. order to specks: of Synthesis.

    Networks that segment take `steps` of `batch` crops; all that stand behind them `refining` of `refiner_batch` crops, of a side of
    their own. That side is larger than the window, else some crops hold nothing but torn structure: then only a guess is right, and
    a refiner that guesses sees structure in an empty picture.
    """

    each: int
    size: int
    crop: int
    steps: int
    refining: int
    batch: int
    refiner_crop: int
    refiner_batch: int
    rate: float
    order: int
    window: int
    haze: float
    haze_order: int
    specks: int


class WindowFillsCrop(ValueError):
    """A plan whose refiner would see crops without any whole structure."""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """All networks, and of each the mean loss of the first and last twentieth of its steps and the seconds it took."""

    bundle: Bundle
    first_loss: dict[str, float]
    last_loss: dict[str, float]
    seconds: dict[str, float]


def sizes_of(size: SizeName) -> tuple[dict[str, int], Plan]:
    """Network widths and training plan, from baseline.yaml. Raises WindowFillsCrop."""
    chosen = yaml.safe_load((FOLDER / "baseline.yaml").read_text(encoding="utf-8"))["sizes"][size]
    plan = Plan(**chosen["training"])
    if plan.refiner_crop <= plan.window:
        raise WindowFillsCrop(
            f"size {size} has a window of {plan.window} voxels in crops of {plan.refiner_crop}: choose refiner_crop larger than "
            "window, so that every crop shows some structure that is not torn"
        )
    return dict(chosen["network"]), plan


def train(
    *,
    size: SizeName,
    seed: int,
    say: Say,
    names: tuple[Upstream | After, ...] = (*Upstream, *After),
    plan: Plan | None = None,
) -> Trained:
    """Train `names` from scratch, network A before the refiner that is biased towards it. `seed` fixes all of it.

    plan: instead of the size's own.
    """
    network, own = sizes_of(size)
    plan = plan or own
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
        net = bundle.nets[name.value].to(memory_format=LAYOUTS[bundle.dims])  # type: ignore[call-overload]
        if isinstance(name, After):
            steps, batch, crop = plan.refining, plan.refiner_batch, plan.refiner_crop
        else:
            steps, batch, crop = plan.steps, plan.batch, plan.crop
        batches = (batch_of(draw, batch=batch, crop=crop, rng=rng) for _ in range(steps))
        losses = _losses(net, loss=LOSSES.get(name, _cross_entropy), batches=batches)
        one = fit(net=net, losses=losses, steps=steps, rate=plan.rate, started=begun, say=say)
        trained.first_loss[name.value], trained.last_loss[name.value] = one.first_loss, one.last_loss
        trained.seconds[name.value] = one.seconds
        say(f"{name}: loss {one.last_loss:.4f}, {one.seconds:.0f} s")
    bundle.eval()
    return trained


def _losses(net: nn.Module, *, loss: Loss, batches: Iterable[tuple[Tensor, Tensor]]) -> Iterator[Callable[[], Tensor]]:
    """What each step lowers, in bfloat16 up to the logits; its batch is drawn when its turn comes."""
    device = next(net.parameters()).device

    def measure(inputs: Tensor, masks: Tensor) -> Tensor:
        with mixed_precision(device, wanted=True):
            logits = net(inputs.to(device))
        return loss(logits.float(), masks.to(device))

    for batch in batches:
        yield partial(measure, *batch)


def _source(
    name: Upstream | After, *, bundle: Bundle, data: tuple[Subject, ...], plan: Plan, rng: np.random.Generator
) -> Callable[[], Pair]:
    """What one network learns from: images, torn masks, or what network A made of the images."""
    if isinstance(name, After) and name.family is not None:
        synthesis = synthesis_of(name, plan=plan)
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


def synthesis_of(name: After, *, plan: Plan) -> Synthesis:
    """How masks are torn for a refiner that learns from torn masks."""
    assert name.family is not None  # noqa: S101 - asked only of those
    return Synthesis(
        family=name.family,
        order=plan.order,
        window=plan.window,
        haze=plan.haze,
        haze_order=plan.haze_order,
        specks=plan.specks,
    )


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
