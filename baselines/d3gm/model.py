"""The network that predicts the noise in a state, and the sampler that walks back from the mean to an image."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from baselines.cine.unet import padded
from baselines.d3gm.chain import Chain, Process, chain

_GROUPS = 8


def _time_features(time: Tensor, *, size: int) -> Tensor:
    """Sines and cosines of t at geometric frequencies: (batch,) -> (batch, size)."""
    half = size // 2
    frequencies = torch.exp(-math.log(10_000) * torch.arange(half, device=time.device) / half)
    angles = time[:, None].float() * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class _Block(nn.Module):
    """Two 3x3 convolutions beside the identity, scaled and shifted by the time between them."""

    def __init__(self, inputs: int, outputs: int, *, embedding: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.GroupNorm(min(_GROUPS, inputs), inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1)
        )
        self.time = nn.Linear(embedding, 2 * outputs)
        self.norm = nn.GroupNorm(min(_GROUPS, outputs), outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.beside = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, image: Tensor, embedding: Tensor) -> Tensor:
        scale, shift = self.time(embedding)[:, :, None, None].chunk(2, dim=1)
        inner = self.norm(self.first(image)) * (1 + scale) + shift
        result: Tensor = self.second(nn.functional.silu(inner)) + self.beside(image)
        return result


class NoiseNet(nn.Module):
    """U-Net of a denoising diffusion model (Ho et al. 2020), fed with (x_t - mu, mu) and t: IR-SDE's form without attention."""

    def __init__(self, *, channels: int, levels: int) -> None:
        super().__init__()
        widths = [channels * 2**level for level in range(levels)]
        embedding = 4 * channels
        self.channels, self.levels = channels, levels
        self.embed = nn.Sequential(
            nn.Linear(channels, embedding), nn.SiLU(), nn.Linear(embedding, embedding), nn.SiLU()
        )
        self.stem = nn.Conv2d(4, channels, 3, padding=1)
        self.down = nn.ModuleList(
            _Block(first, last, embedding=embedding) for first, last in zip([channels, *widths], widths, strict=False)
        )
        self.middle = _Block(widths[-1], widths[-1], embedding=embedding)
        self.up = nn.ModuleList(
            _Block(width + (widths[level + 1] if level + 1 < levels else width), width, embedding=embedding)
            for level, width in reversed(list(enumerate(widths)))
        )
        self.last = nn.Conv2d(channels, 2, 3, padding=1)
        # the first answer is "no noise at all": a short training starts from there
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, offset: Tensor, mean: Tensor, time: Tensor) -> Tensor:
        """offset: x_t - mu and mean: mu, both (batch, 2, y, x), real and imaginary part; time: (batch,). Returns the noise."""
        embedding = self.embed(_time_features(time, size=self.channels))
        image, cut = padded(image=torch.cat([offset, mean], dim=1), multiple=2 ** (self.levels - 1))
        image = self.stem(image)
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            image = block(image if level == 0 else nn.functional.avg_pool2d(image, 2), embedding)
            skips.append(image)
        image = self.middle(image, embedding)
        for position, block in enumerate(self.up):
            if position:
                image = nn.functional.interpolate(image, scale_factor=2.0, mode="nearest")
            image = block(torch.cat([image, skips.pop()], dim=1), embedding)
        result: Tensor = self.last(image)[..., cut[0], cut[1]]
        return result


class Diffusion(nn.Module):
    """A process and its network."""

    def __init__(
        self, *, process: str, channels: int, levels: int, steps: int, spread: float, tau: float, largest: float
    ) -> None:
        super().__init__()
        self.net = NoiseNet(channels=channels, levels=levels)
        self.process = Process(process)
        self.settings: dict[str, Any] = {"spread": spread, "tau": tau, "largest": largest}
        self.chain = self.steps_of(steps)

    def steps_of(self, steps: int) -> Chain:
        """The same process cut into another number of steps."""
        return chain(self.process, steps=steps, **self.settings)

    def loss(self, clean: Tensor, *, mean: Tensor, generator: torch.Generator) -> Tensor:
        """Mean squared error of the noise at a random time: the paper's score loss up to a weight a time.

        clean, mean: (batch, 2, y, x), images of maximum about 1.
        """
        time = torch.randint(1, self.chain.steps + 1, (len(clean),), generator=generator).to(clean.device)
        noise = torch.randn(clean.shape, generator=generator).to(clean.device)
        state = self.chain.diffuse(clean, mean=mean, time=time, noise=noise)
        found = self.net(state - mean, mean, time)
        error: Tensor = (found - noise).square().mean()
        return error

    def sample(self, mean: Tensor, *, generator: torch.Generator, steps: int | None = None) -> Tensor:
        """One draw from p(x | mean). mean: (batch, 2, y, x). steps: how many, where not as many as in training."""
        walk = self.chain if steps is None else self.steps_of(steps)

        def fresh() -> Tensor:
            return torch.randn(mean.shape, generator=generator).to(mean)

        state = walk.start(mean=mean, fresh=fresh())
        for time in range(walk.steps, 0, -1):
            # the network knows the times of its training: the same share of the way
            known = max(1.0, time * self.chain.steps / walk.steps)
            noise = self.net(state - mean, mean, torch.full((len(mean),), known, device=mean.device))
            clean = walk.clean(state, mean=mean, time=time, noise=noise)
            state = walk.back(state, mean=mean, clean=clean, time=time, fresh=fresh())
        return state
