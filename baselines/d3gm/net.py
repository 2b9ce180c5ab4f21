"""The network that predicts the noise in a state: the U-Net of a denoising diffusion model, told the time and the mean."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from baselines.cine.unet import padded

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
            nn.GroupNorm(math.gcd(_GROUPS, inputs), inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1)
        )
        self.time = nn.Linear(embedding, 2 * outputs)
        self.norm = nn.GroupNorm(math.gcd(_GROUPS, outputs), outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.beside = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, image: Tensor, embedding: Tensor) -> Tensor:
        scale, shift = self.time(embedding)[:, :, None, None].chunk(2, dim=1)
        inner = self.norm(self.first(image)) * (1 + scale) + shift
        result: Tensor = self.second(nn.functional.silu(inner)) + self.beside(image)
        return result


class NoiseNet(nn.Module):
    """U-Net of a denoising diffusion model (Ho et al. 2020), fed with (x_t - mu, mu) and t: IR-SDE's form without attention.

    patch: side of the squares of pixels that enter and leave as channels; 1 is the published form, 2 a quarter of its work.
    """

    def __init__(self, *, channels: int, levels: int, patch: int) -> None:
        super().__init__()
        widths = [channels * 2**level for level in range(levels)]
        embedding = 4 * channels
        self.channels, self.patch, self.multiple = channels, patch, patch * 2 ** (levels - 1)
        self.embed = nn.Sequential(
            nn.Linear(channels, embedding), nn.SiLU(), nn.Linear(embedding, embedding), nn.SiLU()
        )
        self.stem = nn.Conv2d(4 * patch**2, channels, 3, padding=1)
        self.down = nn.ModuleList(
            _Block(first, last, embedding=embedding) for first, last in zip([channels, *widths], widths, strict=False)
        )
        self.middle = _Block(widths[-1], widths[-1], embedding=embedding)
        self.up = nn.ModuleList(
            _Block(width + (widths[level + 1] if level + 1 < levels else width), width, embedding=embedding)
            for level, width in reversed(list(enumerate(widths)))
        )
        self.last = nn.Conv2d(channels, 2 * patch**2, 3, padding=1)
        # the first answer is "no noise at all": a short training starts from there
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, offset: Tensor, mean: Tensor, time: Tensor) -> Tensor:
        """offset: x_t - mu and mean: mu, both (batch, 2, y, x), real and imaginary part; time: (batch,). Returns the noise."""
        embedding = self.embed(_time_features(time, size=self.channels))
        image, cut = padded(image=torch.cat([offset, mean], dim=1), multiple=self.multiple)
        image = self.stem(nn.functional.pixel_unshuffle(image, self.patch))
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            image = block(image if level == 0 else nn.functional.avg_pool2d(image, 2), embedding)
            skips.append(image)
        image = self.middle(image, embedding)
        for position, block in enumerate(self.up):
            if position:
                image = nn.functional.interpolate(image, scale_factor=2.0, mode="nearest")
            image = block(torch.cat([image, skips.pop()], dim=1), embedding)
        result: Tensor = nn.functional.pixel_shuffle(self.last(image), self.patch)[..., cut[0], cut[1]]
        return result

    def segments(self) -> list[nn.Module]:
        """The parts whose activations a training may forget and compute again."""
        return [*self.down, self.middle, *self.up]
