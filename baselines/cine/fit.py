"""The optimiser loop under every training: Adam, one cycle of the learning rate, gradients clipped to norm 1."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained network, the mean loss of the first and last twentieth of the steps, and the seconds it took."""

    net: nn.Module
    first_loss: float
    last_loss: float
    seconds: float


def fit(
    *,
    net: nn.Module,
    losses: Iterable[Callable[[], Tensor]],
    steps: int,
    rate: float,
    started: float,
    say: Callable[[str], None],
) -> Trained:
    """Take one step for each of `losses`, `steps` in all. started: time.monotonic() when the work on the data began."""
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    found: list[float] = []
    for step, measure in enumerate(losses, start=1):
        loss = measure()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        found.append(loss.item())
        if step % 100 == 0:
            say(f"step {step} of {steps}: loss {sum(found[-100:]) / 100:.4f}, {time.monotonic() - started:.0f} s")
    part = max(1, steps // 20)
    return Trained(
        net=net.eval(),
        first_loss=sum(found[:part]) / part,
        last_loss=sum(found[-part:]) / part,
        seconds=time.monotonic() - started,
    )
