"""Diffusions towards a mean, in discrete steps: x_t = mu + a_t (x_{t-1} - mu) + sqrt(s_t) z.

Every process here is such a chain with numbers of its own, so that net, loss and sampler are one and the same for all of them:
the Ornstein-Uhlenbeck process whose noise is tied to its drift (IR-SDE, D3GM), one with its noise chosen apart, and the
variance-exploding process of score-based models (a_t = 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import torch
from torch import Tensor

#: how much of the start is left at the end of the Ornstein-Uhlenbeck processes (IR-SDE's code)
LEFT = 0.005
#: offset of the squared-cosine schedule (Nichol and Dhariwal 2021, arXiv:2102.09672)
_OFFSET = 0.008


class Process(StrEnum):
    """The processes that are compared."""

    #: sigma_t^2 = 2 lambda^2 theta_t, made wider by tau > 1: the method
    D3GM = "d3gm"
    #: the same with tau = 1
    OU = "ou"
    #: the drift of the method with noise of constant strength, as much in all as OU has: differs from it in the coupling alone
    DECOUPLED = "decoupled"
    #: the same made wider by the method's tau: differs from the method in the coupling alone
    DECOUPLED_WIDE = "decoupled_wide"
    #: no drift, noise that grows geometrically: the ordinary score SDE
    SCORE = "score"


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Step t of 1 … T stands at index t - 1 of every tensor.

    decay: a_t, what a step keeps of x - mu. step_variance: s_t, the noise it adds. start_deviation: deviation about mu of x_T
    where sampling begins. reverts: whether x is drawn towards mu (then sampling begins at mu, else at zero).
    """

    decay: Tensor
    step_variance: Tensor
    start_deviation: float
    reverts: bool

    @property
    def steps(self) -> int:
        """T."""
        return len(self.decay)

    @cached_property
    def kept(self) -> Tensor:
        """c_t: what is left of x_0 - mu after t steps."""
        return self.decay.cumprod(dim=0)

    @cached_property
    def variance(self) -> Tensor:
        """v_t: variance of x_t given x_0."""
        found: list[float] = []
        value = 0.0
        for decay, step in zip(self.decay.tolist(), self.step_variance.tolist(), strict=True):
            value = decay * decay * value + step
            found.append(value)
        return torch.tensor(found, dtype=self.decay.dtype)

    def cut(self, steps: int) -> Chain:
        """The same process in another number of steps: at every share of the way x_t has the law that it has here.

        A step is split as one of constant drift and noise is.
        """
        common = math.lcm(self.steps, steps)
        parts, together = common // self.steps, common // steps
        gone = 1 - self.decay.square()
        share = torch.where(gone > 0, (1 - self.decay ** (2 / parts)) / gone.clamp_min(1e-300), 1 / parts)
        fine = replace(
            self,
            decay=(self.decay ** (1 / parts)).repeat_interleave(parts),
            step_variance=(self.step_variance * share).repeat_interleave(parts),
        )
        kept, variance = (values[together - 1 :: together] for values in (fine.kept, fine.variance))
        decay = kept / torch.cat([torch.ones_like(kept[:1]), kept[:-1]])
        before = torch.cat([torch.zeros_like(variance[:1]), variance[:-1]])
        return replace(self, decay=decay, step_variance=variance - decay.square() * before)

    def at(self, time: Tensor) -> tuple[Tensor, Tensor]:
        """c_t and v_t; time: (batch,) whole numbers 1 … T."""
        index = time.cpu() - 1
        return self.kept[index], self.variance[index]

    def diffuse(self, clean: Tensor, *, mean: Tensor, time: Tensor, noise: Tensor) -> Tensor:
        """x_t drawn from x_0. clean, mean, noise: (batch, ...); time: (batch,) whole numbers 1 … T."""
        kept, variance = (_spread(values, like=clean) for values in self.at(time))
        return mean + kept * (clean - mean) + variance.sqrt() * noise

    def clean(self, state: Tensor, *, mean: Tensor, time: int, noise: Tensor) -> Tensor:
        """x_0 that the noise in x_t implies."""
        kept, deviation = float(self.kept[time - 1]), float(self.variance[time - 1].sqrt())
        return mean + (state - mean - deviation * noise) / kept

    def implied(self, state: Tensor, *, mean: Tensor, time: int, clean: Tensor) -> Tensor:
        """The noise in x_t that an x_0 implies, the inverse of `clean`."""
        kept, deviation = float(self.kept[time - 1]), float(self.variance[time - 1].sqrt())
        return (state - mean - kept * (clean - mean)) / deviation

    def posterior(self, state: Tensor, *, mean: Tensor, time: int, noise: Tensor, fresh: Tensor) -> Tensor:
        """x_{t-1} drawn from its law given x_t and the x_0 that the noise implies. fresh: standard normal, unused in the last step."""
        clean = self.clean(state, mean=mean, time=time, noise=noise)
        if time == 1:
            return clean
        decay, step = float(self.decay[time - 1]), float(self.step_variance[time - 1])
        before, now = float(self.variance[time - 2]), float(self.variance[time - 1])
        kept = float(self.kept[time - 2])
        centre = mean + decay * before / now * (state - mean) + kept * step / now * (clean - mean)
        return centre + math.sqrt(before * step / now) * fresh

    def euler(self, state: Tensor, *, mean: Tensor, time: int, noise: Tensor, fresh: Tensor) -> Tensor:
        """x_{t-1} by one Euler-Maruyama step of the reverse equation, with the score that the noise in x_t gives."""
        decay, step = float(self.decay[time - 1]), float(self.step_variance[time - 1])
        pull = -math.log(decay)
        # the variance that the equation adds in dt, of which the chain's step keeps what has not decayed again
        added = step if pull == 0 else step * 2 * pull / (1 - decay**2)
        drifted = state + pull * (state - mean) - added / math.sqrt(float(self.variance[time - 1])) * noise
        return drifted if time == 1 else drifted + math.sqrt(added) * fresh

    def start(self, *, mean: Tensor, fresh: Tensor) -> Tensor:
        """x_T where sampling begins."""
        return (mean if self.reverts else torch.zeros_like(mean)) + self.start_deviation * fresh


def _spread(values: Tensor, *, like: Tensor) -> Tensor:
    return values.to(like).reshape(-1, *(1 for _ in like.shape[1:]))


def drift(steps: int) -> tuple[Tensor, float]:
    """theta_t for t = 1 … T, one minus the squared cosine, and the length dt of a step that leaves LEFT of the start."""
    grid = torch.arange(steps + 3, dtype=torch.float64) / (steps + 2)
    alpha = torch.cos((grid + _OFFSET) / (1 + _OFFSET) * math.pi / 2).square()
    theta = 1 - (alpha / alpha[0])[1:-1]
    # theta_0 belongs to no step
    theta = theta[1:]
    return theta, -math.log(LEFT) / float(theta.sum())


def chain(process: Process, *, steps: int, spread: float, tau: float, largest: float) -> Chain:
    """The chain of one process.

    spread: lambda, deviation of the stationary law at tau = 1, on images of maximum 1. tau: widening of D3GM and of its
    decoupled rival of the same width.
    largest: deviation at the end of the score SDE, which begins at spread / 10.
    """
    if process is Process.SCORE:
        deviations = torch.logspace(math.log10(spread / 10), math.log10(largest), steps, dtype=torch.float64)
        variance = deviations.square()
        step_variance = torch.diff(variance, prepend=torch.zeros(1, dtype=torch.float64))
        return Chain(
            decay=torch.ones(steps, dtype=torch.float64),
            step_variance=step_variance,
            start_deviation=largest,
            reverts=False,
        )
    theta, dt = drift(steps)
    decay = torch.exp(-theta * dt)
    width = spread * (tau if process in {Process.D3GM, Process.DECOUPLED_WIDE} else 1.0)
    apart = process in {Process.DECOUPLED, Process.DECOUPLED_WIDE}
    # apart: as much noise over all steps as the tied process of this width, but evenly: the law it tends to changes with theta
    sigma = 2 * width**2 * (torch.full_like(theta, float(theta.mean())) if apart else theta)
    step_variance = sigma / (2 * theta) * (1 - decay.square())
    made = Chain(decay=decay, step_variance=step_variance, start_deviation=width, reverts=True)
    # without a law of its own it begins where its forward walk ends
    return replace(made, start_deviation=float(made.variance[-1].sqrt())) if apart else made
