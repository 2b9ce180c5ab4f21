"""The U-Net of fastMRI (Zbontar et al. 2018, arXiv:1811.08839): alone it is a baseline, inside the VarNet the refinement."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _block(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for first, last in ((inputs, outputs), (outputs, outputs)):
        layers += [
            nn.Conv2d(first, last, kernel_size=3, padding=1, bias=False),
            nn.InstanceNorm2d(last),
            nn.LeakyReLU(0.2, inplace=True),
        ]
    return nn.Sequential(*layers)


def _up(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, kernel_size=2, stride=2, bias=False),
        nn.InstanceNorm2d(outputs),
        nn.LeakyReLU(0.2, inplace=True),
    )


class UNet(nn.Module):
    """(batch, inputs, y, x) -> (batch, outputs, y, x); y and x divisible by 2**pools (see padded)."""

    def __init__(self, *, inputs: int, outputs: int, channels: int, pools: int) -> None:
        super().__init__()
        widths = [channels * 2**level for level in range(pools + 1)]
        self.down = nn.ModuleList(_block(first, last) for first, last in zip([inputs, *widths], widths, strict=False))
        self.rise = nn.ModuleList(_up(2 * width, width) for width in reversed(widths[:-1]))
        self.merge = nn.ModuleList(_block(2 * width, width) for width in reversed(widths[:-1]))
        self.last = nn.Conv2d(channels, outputs, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:
        """Encode, then decode with the encoder's features beside."""
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            image = block(image if level == 0 else nn.functional.avg_pool2d(image, 2))
            skips.append(image)
        skips.pop()
        for rise, merge in zip(self.rise, self.merge, strict=True):
            image = merge(torch.cat([rise(image), skips.pop()], dim=1))
        result: Tensor = self.last(image)
        return result


class Correction(UNet):
    """A U-Net whose last layer begins at zero: it adds to its input (or to nothing) a correction that begins as none."""

    def __init__(self, *, channels: int, pools: int, planes: int, keeps_input: bool) -> None:
        super().__init__(inputs=planes, outputs=planes, channels=channels, pools=pools)
        self.keeps_input = keeps_input
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, planes, y, x) -> the same shape."""
        correction = super().forward(image)
        return image + correction if self.keeps_input else correction


def padded(*, image: Tensor, multiple: int) -> tuple[Tensor, tuple[slice, slice]]:
    """Pad (..., y, x) with zeros on all sides to multiples of `multiple`; the slices cut the original out again."""
    height, width = int(image.shape[-2]), int(image.shape[-1])
    more_y, more_x = -height % multiple, -width % multiple
    top, left = more_y // 2, more_x // 2
    bigger = nn.functional.pad(image, (left, more_x - left, top, more_y - top))
    return bigger, (slice(top, top + height), slice(left, left + width))
