"""The optimiser loop of this track: Adam for short trainings, nnU-Net's SGD for long ones; mixed precision on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from baselines.lesions.data import Batch
from baselines.lesions.losses import deep_supervision

OptimiserName = Literal["adam", "sgd"]
#: half: float16 on a GPU, bfloat16 on a CPU, in what autocast takes for safe; weights stay single
PrecisionName = Literal["single", "half"]
#: nnU-Net's
_LARGEST_GRADIENT = 12.0


class LossOf(Protocol):
    """Runs the network on a batch of its device. progress: share of the steps already made, from 0 to below 1."""

    def __call__(self, batch: Batch, *, progress: float) -> Tensor:
        """A scalar to lower."""


def alone(net: nn.Module, *, over_batch: bool) -> LossOf:
    """The loss of one U-Net (DeepUNet) by itself."""

    def loss_of(batch: Batch, *, progress: float) -> Tensor:
        del progress
        return deep_supervision(net(batch.image).logits, batch.target, over_batch=over_batch)

    return loss_of


def device_of() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    *,
    net: nn.Module,
    loss_of: LossOf,
    data: Iterable[Batch],
    steps: int,
    rate: float,
    optimiser: OptimiserName,
    precision: PrecisionName,
    clipped: nn.Module,
    say: Callable[[str], None],
) -> list[float]:
    """One optimiser over all of `net`, gradients of `clipped` limited to norm 12; the loss of every step.

    adam: one cycle of the learning rate. sgd: Nesterov momentum 0.99, decay 3e-5, the rate falls by a power of 0.9 (nnU-Net).
    """
    device = device_of()
    # bfloat16 has the range of single precision and needs no scaling
    kind, half = torch.float16 if device.type == "cuda" else torch.bfloat16, precision == "half"
    driver, schedule = _optimiser(net, name=optimiser, rate=rate, steps=steps)
    scaler = torch.amp.GradScaler(device.type, enabled=half and kind is torch.float16)
    losses: list[float] = []
    net.train()
    for step, batch in enumerate(_on(device, islice(data, steps))):
        with torch.autocast(device.type, dtype=kind, enabled=half):
            loss = loss_of(batch, progress=step / steps)
        driver.zero_grad()
        scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        scaler.unscale_(driver)
        nn.utils.clip_grad_norm_(clipped.parameters(), _LARGEST_GRADIENT)
        scaler.step(driver)
        scaler.update()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            say(f"step {step + 1} of {steps}: loss {sum(losses[-50:]) / 50:.4f}")
    net.eval()
    return losses


def _on(device: torch.device, data: Iterable[Batch]) -> Iterator[Batch]:
    for one in data:
        yield Batch(image=one.image.to(device), target=one.target.to(device), modality=one.modality.to(device))


def _optimiser(
    net: nn.Module, *, name: OptimiserName, rate: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    if name == "sgd":
        sgd = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.99, nesterov=True, weight_decay=3e-5)
        return sgd, torch.optim.lr_scheduler.PolynomialLR(sgd, total_iters=steps, power=0.9)
    adam = torch.optim.Adam(net.parameters(), lr=rate, fused=True)
    return adam, torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=steps, pct_start=0.1)
