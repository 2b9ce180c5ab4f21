"""The refiner of Li et al. 2024 (arXiv:2409.09796), and the segmentation networks that it is put behind."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

import torch
from monai.networks.nets.basic_unet import BasicUNet
from torch import Tensor, nn
from torch.nn.functional import interpolate

from baselines.topology_refinement.basis import Family

#: sides of what goes in are padded to multiples of this
MULTIPLE = 16


class Refiner(nn.Module):
    """(batch, 1, *space) probabilities -> (batch, 1, *space) logits of a mask with the right topology.

    The released code's small U-Net: no normalisation, strided convolutions down, interpolation up; sides divisible by 8.
    """

    def __init__(self, *, dims: int, channels: int) -> None:
        super().__init__()
        conv = {2: nn.Conv2d, 3: nn.Conv3d}[dims]
        widths = [channels * 2**level for level in range(4)]
        self.mode = {2: "bilinear", 3: "trilinear"}[dims]
        self.first = nn.Sequential(_conv(conv, 1, widths[0]), _conv(conv, widths[0], widths[0]))
        self.down = nn.ModuleList(
            nn.Sequential(conv(high, low, kernel_size=3, stride=2, padding=1), _conv(conv, low, low))
            for high, low in pairwise(widths)
        )
        self.merge = nn.ModuleList(
            _conv(conv, high + low, high) for high, low in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.last = conv(widths[0], 1, kernel_size=1)

    def forward(self, probability: Tensor) -> Tensor:
        """Encode, then decode with the encoder's features beside."""
        features = [self.first(probability)]
        for block in self.down:
            features.append(block(features[-1]))
        current = features.pop()
        for merge in self.merge:
            beside = features.pop()
            current = interpolate(current, size=beside.shape[2:], mode=self.mode, align_corners=False)
            current = merge(torch.cat([current, beside], dim=1))
        logits: Tensor = self.last(current)
        return logits


def _conv(conv: type[nn.Module], inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(conv(inputs, outputs, kernel_size=3, padding=1), nn.ReLU(inplace=True))


class Upstream(StrEnum):
    """Networks that segment an image, as containers name them."""

    #: MONAI's BasicUNet
    A = "network-a"
    #: dilated convolutions at full resolution, no pooling; no refiner ever saw it
    B = "network-b"
    #: network A trained with clDice in its loss
    CLDICE = "network-a-cldice"


class After(StrEnum):
    """Refiners, as containers name them."""

    #: trained on masks that Chebyshev polynomials tore
    REFINED = "refined"
    LEGENDRE = "legendre"
    HERMITE = "hermite"
    #: the rival: the same network trained on network A's own predictions
    BIASED = "biased"

    @property
    def family(self) -> Family | None:
        """Which polynomials tore the masks that it learned from; None: none did."""
        families = {After.REFINED: Family.CHEBYSHEV, After.LEGENDRE: Family.LEGENDRE, After.HERMITE: Family.HERMITE}
        return families.get(self)


def build(name: Upstream | After, *, dims: int, channels: int, dilated: int, refiner: int) -> nn.Module:
    """One network; channels, dilated and refiner: width of BasicUNet, of the dilated network and of Refiner."""
    if isinstance(name, After):
        return Refiner(dims=dims, channels=refiner)
    if name is Upstream.B:
        return _dilated(dims=dims, width=dilated)
    widths = [channels, channels, 2 * channels, 4 * channels, 8 * channels, channels]
    return BasicUNet(spatial_dims=dims, in_channels=1, out_channels=1, features=widths)


def _dilated(*, dims: int, width: int) -> nn.Sequential:
    """Convolutions dilated by 1, 2, 4, 8 and 1 at full resolution: nothing of a U-Net in it."""
    conv, norm = {2: (nn.Conv2d, nn.InstanceNorm2d), 3: (nn.Conv3d, nn.InstanceNorm3d)}[dims]
    layers: list[nn.Module] = []
    for inputs, step in ((1, 1), (width, 2), (width, 4), (width, 8), (width, 1)):
        layers += [
            conv(inputs, width, kernel_size=3, padding=step, dilation=step),
            norm(width, affine=True),
            nn.LeakyReLU(0.1, inplace=True),
        ]
    return nn.Sequential(*layers, conv(width, 1, kernel_size=1))


class Bundle(nn.Module):
    """All networks of the baseline and its rivals under one roof, so that one file holds them."""

    def __init__(self, *, dims: int, channels: int, dilated: int, refiner: int) -> None:
        super().__init__()
        self.dims = dims
        sizes = {"dims": dims, "channels": channels, "dilated": dilated, "refiner": refiner}
        self.nets = nn.ModuleDict({name.value: build(name, **sizes) for name in (*Upstream, *After)})

    def forward(self, image: Tensor, *, name: Upstream | After) -> Tensor:
        """Logits of one network: (batch, 1, *space) -> the same shape."""
        logits: Tensor = self.nets[name.value](image)
        return logits
