"""PromptUnet (Xin et al. 2023, arXiv:2309.13839): residual blocks with channel attention, and a prompt at every decoder level."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from monai.networks.blocks.squeeze_and_excitation import ChannelSELayer
from torch import Tensor, nn
from torch.nn.functional import interpolate

#: per level from the finest, as published: channels before it goes down, channels of its prompt, blocks on each way
WIDTHS = (1.0, 1.5, 2.0, 2.5)
PROMPT_WIDTHS = (0.5, 1.0, 1.5)
ENCODER_BLOCKS = (2, 3, 3)
DECODER_BLOCKS = (2, 2, 3)
BOTTLENECK_BLOCKS = 3
#: stored prompts at each level, and by how much channel attention squeezes
PROMPTS = 5
REDUCTION = 4


def _convolution(inputs: int, outputs: int, *, kernel: int = 3) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size=kernel, padding=kernel // 2, bias=False)


class AttentionBlock(nn.Module):
    """x + attention(convolution, PReLU, convolution): (batch, channel, y, x) -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _convolution(channels, channels),
            nn.PReLU(),
            _convolution(channels, channels),
            ChannelSELayer(spatial_dims=2, in_channels=channels, r=min(REDUCTION, channels)),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Adds what the block found."""
        result: Tensor = image + self.body(image)
        return result


def _blocks(channels: int, *, count: int) -> nn.Sequential:
    return nn.Sequential(*(AttentionBlock(channels) for _ in range(count)))


class PromptBlock(nn.Module):
    """A picture mixed from stored ones, by weights that the features themselves choose.

    The stored prompts are random and, as in the published code by default, not learned: the network learns to read them.
    """

    stored: Tensor

    def __init__(self, *, features: int, channels: int, side: int) -> None:
        super().__init__()
        self.register_buffer("stored", torch.rand(PROMPTS, channels, side, side))
        self.choose = nn.Linear(features, PROMPTS)
        self.convolution = _convolution(channels, channels)

    def weights(self, features: Tensor) -> Tensor:
        """(batch, feature, y, x) -> (batch, prompt), not negative, sum 1: from the mean over the picture."""
        chosen: Tensor = self.choose(features.mean(dim=(-2, -1))).softmax(dim=1)
        return chosen

    def forward(self, features: Tensor) -> Tensor:
        """(batch, feature, y, x) -> (batch, channel, y, x)."""
        mixed = torch.einsum("bp,pcyx->bcyx", self.weights(features), self.stored)
        fitted = interpolate(mixed, size=features.shape[-2:], mode="bilinear", align_corners=False)
        result: Tensor = self.convolution(fitted)
        return result


class Rise(nn.Module):
    """One decoder level: features with their prompt, then twice the matrix and the encoder's features added."""

    def __init__(self, *, inputs: int, outputs: int, prompt: int, side: int, count: int) -> None:
        super().__init__()
        self.prompt = PromptBlock(features=inputs, channels=prompt, side=side)
        self.fuse = _blocks(inputs + prompt, count=count)
        self.reduce = _convolution(inputs + prompt, inputs, kernel=1)
        self.narrow = _convolution(inputs, outputs, kernel=1)
        self.skip = AttentionBlock(outputs)
        self.last = AttentionBlock(outputs)

    def forward(self, image: Tensor, skip: Tensor) -> Tensor:
        """(batch, inputs, y, x) and (batch, outputs, 2y, 2x) -> (batch, outputs, 2y, 2x)."""
        image = self.reduce(self.fuse(torch.cat([image, self.prompt(image)], dim=1)))
        # bilinear interpolation and a 1x1 convolution commute: this order is the cheaper one
        image = interpolate(self.narrow(image), scale_factor=2, mode="bilinear", align_corners=False)
        result: Tensor = self.last(image + self.skip(skip))
        return result


class PromptUnet(nn.Module):
    """(batch, planes, y, x) -> the same shape; y and x divisible by MULTIPLE. It begins by answering zero.

    channels: width at full resolution (48 as published). blocks: no more than so many blocks in a row (3 as published).
    side: of the finest stored prompt in pixels (64 as published), halved at each level.
    """

    MULTIPLE = 8

    def __init__(self, *, planes: int, channels: int, blocks: int, side: int) -> None:
        super().__init__()
        widths = [round(channels * width) for width in WIDTHS]
        steps = list(pairwise(widths))
        self.first = _convolution(planes, channels)
        self.encoder = nn.ModuleList(
            _blocks(width, count=min(count, blocks)) for width, count in zip(widths, ENCODER_BLOCKS, strict=False)
        )
        self.down = nn.ModuleList(nn.Conv2d(near, far, kernel_size=3, stride=2, padding=1) for near, far in steps)
        self.bottleneck = _blocks(widths[-1], count=min(BOTTLENECK_BLOCKS, blocks))
        self.decoder = nn.ModuleList(
            Rise(
                inputs=far,
                outputs=near,
                prompt=round(channels * PROMPT_WIDTHS[level]),
                side=side // 2**level,
                count=min(DECODER_BLOCKS[level], blocks),
            )
            for level, (near, far) in enumerate(steps)
        )
        self.last = _convolution(channels, planes, kernel=5)
        nn.init.zeros_(self.last.weight)

    def forward(self, image: Tensor) -> Tensor:
        """Down, bottleneck, up."""
        image = self.first(image)
        skips: list[Tensor] = []
        for blocks, down in zip(self.encoder, self.down, strict=True):
            skips.append(blocks(image))
            image = down(skips[-1])
        image = self.bottleneck(image)
        rises: list[Any] = list(self.decoder)
        for rise, skip in zip(reversed(rises), reversed(skips), strict=True):
            image = rise(image, skip)
        result: Tensor = self.last(image)
        return result
