"""nnU-Net's plain U-Net in two or three dimensions, with what a mixture needs of it: encoder features and logits at every level."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

CLASSES = 2
#: nnU-Net's limit of features in three dimensions
WIDEST = 320


@dataclass(frozen=True, kw_only=True)
class Levels:
    """What a U-Net gives, full resolution first.

    features: (batch, width, *space) of every encoder stage but the lowest; logits: (batch, outputs, *space) of every decoder level.
    """

    features: list[Tensor]
    logits: list[Tensor]


class DeepUNet(nn.Module):
    """(batch, inputs, *space) -> Levels; every side of space divisible by 2**(stages - 1).

    Isensee et al. 2021 (nnU-Net): two convolutions a stage, strides instead of pooling, instance normalisation, a head a level.
    """

    def __init__(
        self, *, dims: int, inputs: int, outputs: int, channels: int, stages: int, widest: int = WIDEST
    ) -> None:
        super().__init__()
        conv, rise, _ = _layers(dims)
        widths = [min(channels * 2**stage, widest) for stage in range(stages)]
        self.down = nn.ModuleList(
            _block(dims=dims, inputs=first, outputs=last, stride=1 if stage == 0 else 2)
            for stage, (first, last) in enumerate(zip([inputs, *widths], widths, strict=False))
        )
        pairs = list(pairwise(widths))[::-1]
        self.rise = nn.ModuleList(rise(low, high, kernel_size=2, stride=2) for high, low in pairs)
        self.merge = nn.ModuleList(_block(dims=dims, inputs=2 * high, outputs=high, stride=1) for high, _ in pairs)
        self.heads = nn.ModuleList(conv(high, outputs, kernel_size=1) for high, _ in pairs)

    def forward(self, image: Tensor) -> Levels:
        """Encode, then decode with the encoder's features beside; a head at every level of the decoder."""
        features: list[Tensor] = []
        for block in self.down:
            image = block(image)
            features.append(image)
        features.pop()
        logits: list[Tensor] = []
        for rise, merge, head, beside in zip(self.rise, self.merge, self.heads, reversed(features), strict=True):
            image = merge(torch.cat([rise(image), beside], dim=1))
            logits.append(head(image))
        return Levels(features=features, logits=logits[::-1])


def _layers(dims: int) -> tuple[type[nn.Module], type[nn.Module], type[nn.Module]]:
    if dims == 2:
        return nn.Conv2d, nn.ConvTranspose2d, nn.InstanceNorm2d
    if dims == 3:
        return nn.Conv3d, nn.ConvTranspose3d, nn.InstanceNorm3d
    raise ValueError(f"a U-Net of 2 or 3 dimensions, not {dims}")


def _block(*, dims: int, inputs: int, outputs: int, stride: int) -> nn.Sequential:
    conv, _, norm = _layers(dims)
    layers: list[nn.Module] = []
    for first, step in ((inputs, stride), (outputs, 1)):
        layers += [
            conv(first, outputs, kernel_size=3, stride=step, padding=1),
            norm(outputs, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
        ]
    return nn.Sequential(*layers)
