"""Gates a to c: what the process itself promises, by simulation. No network has a part in it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from baselines.cine.report import Gate
from baselines.d3gm.chain import Chain, Process
from baselines.d3gm.model import Diffusion
from baselines.d3gm.train import Job

#: states that are walked at once: their deviation is known to a fifth of a percent
COUNT = 200_000
#: x_0 - mu where the walk begins at a clean image, in the scale of images
CLEAN = 0.5
#: pairs of times, in shares of the way
_SPANS = ((0.05, 0.3), (0.3, 0.45), (0.6, 0.75))


def process(which: Process, *, tau: float | None = None) -> Chain:
    """The chain of size cpu, with the numbers of baseline.yaml. tau: another widening."""
    build = Job(size="cpu", process=which).build
    return Diffusion(**build if tau is None else {**build, "tau": tau}).chain


def walked(walk: Chain, *, start: Tensor) -> Iterator[Tensor]:
    """States after each step of the chain itself, mu = 0."""
    random = torch.Generator().manual_seed(1)
    state = start
    for decay, step in zip(walk.decay.tolist(), walk.step_variance.tolist(), strict=True):
        state = decay * state + step**0.5 * torch.randn(state.shape, generator=random, dtype=state.dtype)
        yield state


def stationary_start(walk: Chain) -> Tensor:
    """Draws from the law that sampling begins with."""
    random = torch.Generator().manual_seed(0)
    return walk.start_deviation * torch.randn(COUNT, generator=random, dtype=torch.float64)


def departure(walk: Chain) -> float:
    """How far the deviation of what begins in the stationary law ever gets from it, as a share of it."""
    return max(
        abs(float(state.std()) / walk.start_deviation - 1) for state in walked(walk, start=stationary_start(walk))
    )


def error_of_moments(walk: Chain) -> float:
    """Largest distance of the walk's mean and deviation from those of m_t and v_t at any step, in deviations."""
    states = walked(walk, start=torch.full((COUNT,), CLEAN, dtype=torch.float64))
    found: list[float] = []
    for state, kept, variance in zip(states, walk.kept.tolist(), walk.variance.tolist(), strict=True):
        deviation = math.sqrt(variance)
        found += [abs(float(state.mean()) - CLEAN * kept) / deviation, abs(float(state.std()) / deviation - 1)]
    return max(found)


def transitions_apart(walk: Chain) -> float:
    """How much the noise that a transition adds depends on more than what it keeps: 0 where it does not."""
    ratios = []
    for share, later in _SPANS:
        first, last = round(share * walk.steps) - 1, round(later * walk.steps) - 1
        kept = float(walk.kept[last] / walk.kept[first])
        ratios.append(float(walk.variance[last] - kept**2 * walk.variance[first]) / (1 - kept**2))
    return max(ratios) / min(ratios) - 1


def end_from_mean(tau: float) -> float:
    """|E x_T - mu| in deviations of x_T."""
    walk = process(Process.D3GM, tau=tau)
    return CLEAN * float(walk.kept[-1] / walk.variance[-1].sqrt())


def gates() -> Iterator[Gate]:
    """Gates a to c, and that the decoupled process fails a and b: a gate that everything passes tells nothing."""
    tied, apart = process(Process.D3GM), process(Process.DECOUPLED)
    for name, value, limit in (
        ("a: 0.05 - departure of D3GM's deviation from tau lambda, as a share, any step", 0.05 - departure(tied), 0.0),
        ("a: the same departure of the decoupled process, which must fail", departure(apart), 0.05),
        ("b: 0.01 - error of D3GM's moments against m_t and v_t, in deviations", 0.01 - error_of_moments(tied), 0.0),
        ("b: 0.001 - what D3GM's transitions depend on besides what is left", 0.001 - transitions_apart(tied), 0.0),
        ("b: the same of the decoupled process, which must fail", transitions_apart(apart), 0.001),
        (
            "c: distance of D3GM's end from the mean in deviations, tau 1 over 2",
            end_from_mean(1) / end_from_mean(2),
            1.99,
        ),
    ):
        yield Gate(name=name, methods=("d3gm",), value=value, limit=limit)
