"""D3GM and its rivals: a process and its network, the loss, the walk back from the mean to an image, a scan's images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.cine.io import Scan
from baselines.cine.run import Method
from baselines.cine.sense import Complex, Encoding, slice_by_slice
from baselines.d3gm.chain import Chain, Process, chain
from baselines.d3gm.consistency import Consistency, Measured, as_image, as_planes
from baselines.d3gm.net import NoiseNet

#: deviation of x_0 - mu on training pairs
RESIDUAL = 0.1
#: steps of the walk back, and where its noise begins: the same scan gives the same image
STEPS, SEED = 5, 0

AS_PUBLISHED = Consistency(final=False)


class Sampler(StrEnum):
    """How a step of the walk back is taken."""

    #: drawn from the law of x_{t-1} given x_t and the estimate of x_0
    POSTERIOR = "posterior"
    #: Euler-Maruyama on the reverse equation
    EULER = "euler"


class Diffusion(nn.Module):
    """A process and its network (the keywords of NoiseNet)."""

    def __init__(self, *, process: str, steps: int, spread: float, tau: float, largest: float, **network: Any) -> None:
        super().__init__()
        self.net = NoiseNet(**network)
        self.chain = chain(Process(process), steps=steps, spread=spread, tau=tau, largest=largest)

    def loss(self, clean: Tensor, *, mean: Tensor, generator: torch.Generator) -> Tensor:
        """Mean squared error of the noise at a random time, weighted so that every time counts alike.

        clean, mean: (batch, 2, y, x), images of maximum about 1.
        """
        time = torch.randint(1, self.chain.steps + 1, (len(clean),), generator=generator).to(clean.device)
        noise = torch.randn(clean.shape, generator=generator).to(clean.device)
        offset = self.chain.diffuse(clean, mean=mean, time=time, noise=noise) - mean
        linear, rest, scale = _parts(offset, *self.chain.at(time))
        found = self.net(offset / scale, mean, time)
        error: Tensor = (found.float() - (noise - linear) / rest).square().mean()
        return error

    def noise(self, state: Tensor, *, mean: Tensor, time: int, walk: Chain) -> Tensor:
        """The noise in x_t of a walk of any number of steps."""
        offset, index = state - mean, torch.full((len(mean),), time, device=mean.device)
        # the network knows the times of its training: the same share of the way
        known = (index * (self.chain.steps / walk.steps)).clamp_min(1)
        linear, rest, scale = _parts(offset, *walk.at(index))
        found: Tensor = linear + rest * self.net(offset / scale, mean, known)
        return found

    def walk(
        self,
        mean: Tensor,
        *,
        generator: torch.Generator,
        steps: int | None = None,
        sampler: Sampler = Sampler.POSTERIOR,
        consistency: Consistency = AS_PUBLISHED,
        measured: Measured | None = None,
    ) -> Iterator[Tensor]:
        """The states of the walk back, x_T first; the last is a draw from p(x | mean).

        mean: (batch, 2, y, x). steps: how many, where not as many as in training. measured: what `consistency` keeps.
        """
        walk = self.chain if steps is None else self.chain.cut(steps)
        take = walk.posterior if sampler is Sampler.POSTERIOR else walk.euler

        def fresh() -> Tensor:
            return torch.randn(mean.shape, generator=generator).to(mean)

        state = walk.start(mean=mean, fresh=fresh())
        yield state
        for time in range(walk.steps, 0, -1):
            noise = self.noise(state, mean=mean, time=time, walk=walk)
            if measured is not None and consistency.asks(time=time):
                kept = measured.keep(walk.clean(state, mean=mean, time=time, noise=noise))
                noise = walk.implied(state, mean=mean, time=time, clean=kept)
            state = take(state, mean=mean, time=time, noise=noise, fresh=fresh())
            if measured is not None and consistency.final and time == 1:
                state = measured.keep(state)
            yield state


def combined(scan: Scan) -> NDArray[np.float32]:
    """A scan -> magnitude (frame, slice, y, x) of the mean that the process starts from: zero-filled, its coils combined by maps."""
    return slice_by_slice(scan, solve=lambda lines, encoding: encoding.adjoint(lines))


def reconstruction(
    diffusion: Diffusion,
    *,
    steps: int = STEPS,
    seed: int = SEED,
    sampler: Sampler = Sampler.POSTERIOR,
    consistency: Consistency = AS_PUBLISHED,
    watch: Callable[[Tensor], None] | None = None,
) -> Method:
    """A scan -> magnitude (frame, slice, y, x): one draw for each frame, all frames of a slice at once.

    Every slice begins at the same seed, so that a scan's image depends on the scan alone. On a GPU where there is one.
    watch: is shown every state of every walk.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    diffusion = diffusion.to(device).eval()

    def solve(lines: Complex, encoding: Encoding) -> Complex:
        start = encoding.adjoint(lines)
        # each frame as in training: its zero-filled maximum is 1. A frame without signal has no scale
        scale = np.maximum(np.abs(start).max(axis=(-2, -1), keepdims=True), np.finfo(np.float32).tiny)
        with torch.inference_mode():
            states = diffusion.walk(
                as_planes(start / scale).to(device),
                generator=torch.Generator().manual_seed(seed),
                steps=steps,
                sampler=sampler,
                consistency=consistency,
                measured=Measured(lines=lines / scale[:, None], encoding=encoding),
            )
            for image in states:
                if watch is not None:
                    watch(image)
        found: Complex = as_image(image) * scale
        return found

    def method(scan: Scan) -> NDArray[np.float32]:
        return slice_by_slice(scan, solve=solve)

    return method


def _parts(offset: Tensor, kept: Tensor, variance: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(best linear guess of the noise, weight of the network's answer, deviation of the offset x_t - mu).

    The noise is guess + weight * answer, so that an answer of size 1 is asked for at every time (Karras et al. 2022,
    arXiv:2206.00364, for x_0 - mu of deviation RESIDUAL); an error of the noise alone grows by 1/c_t in x_0.
    """
    kept, variance = (values.to(offset).reshape(-1, 1, 1, 1) for values in (kept, variance))
    scale = (variance + (kept * RESIDUAL).square()).sqrt()
    return offset * variance.sqrt() / scale.square(), kept * RESIDUAL / scale, scale
