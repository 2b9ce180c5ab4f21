"""What the unrolled networks share: MONAI's cascades of soft data consistency and a refinement, with coil maps from the ACS lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from monai.apps.reconstruction.networks.nets.coil_sensitivity_model import CoilSensitivityModel
from monai.apps.reconstruction.networks.nets.utils import (
    reshape_batch_channel_to_channel_dim,
    reshape_channel_to_batch_dim,
)
from monai.apps.reconstruction.networks.nets.varnet import VariationalNetworkModel
from monai.networks.blocks.fft_utils_t import ifftn_centered_t
from torch import Tensor, nn

from baselines.cine.network import zero_filled_image
from baselines.cine.sense import calibration_lines

if TYPE_CHECKING:
    _CoilModel = nn.Module
else:
    _CoilModel = CoilSensitivityModel


class CoilMaps(_CoilModel):
    """Coil maps from the ACS lines, normalised as the paper does: the sum over coils of |S|^2 is 1.

    MONAI 1.6 divides real and imaginary parts each by its own root sum of squares, which bends the maps' phase and makes that
    sum 2; its window of ACS lines is off by one where a sampled line touches the block on one side, and its search for them
    runs over the edge of a mask that is sampled throughout. Hence this forward.
    """

    conv_net: nn.Module

    def forward(self, masked_kspace: Tensor, mask: Tensor) -> Tensor:
        """(batch, coil, kx, ky, 2) and mask (1, 1, 1, ky, 1) -> maps (batch, coil, x, y, 2). Raises UnreadableScan without ACS lines."""
        lines = calibration_lines(mask.reshape(-1, 1).cpu().numpy())
        calibration = torch.zeros_like(masked_kspace)
        calibration[..., lines, :] = masked_kspace[..., lines, :]
        image = ifftn_centered_t(calibration, spatial_dims=2, is_complex=True)
        coils, batch = reshape_channel_to_batch_dim(image)
        maps: Tensor = reshape_batch_channel_to_channel_dim(self.conv_net(coils), batch)
        # a frame without signal has no maps: what a network with biases makes of it is so small that its squares are lost, and
        # must not be divided by what is left of them
        smallest = torch.finfo(maps.dtype).tiny ** 0.5
        length = maps.square().sum(dim=(1, -1), keepdim=True).sqrt().clamp_min(smallest)
        return maps / length


class Unrolled(nn.Module):
    """k-space refined in `cascades` steps: k <- k - eta M (k - measured) - F S refinement(S^H F^-1 k), eta learned from 1.

    coil_net: coil images (batch, 1, x, y, 2) to maps before normalisation; refinement: the same shapes.
    """

    def __init__(self, *, coil_net: nn.Module, refinement: nn.Module, cascades: int) -> None:
        super().__init__()
        self.net: Any = VariationalNetworkModel(
            coil_sensitivity_model=CoilMaps(conv_net=coil_net), refinement_model=refinement, num_cascades=cascades
        )

    def forward(self, measured: Tensor, mask: Tensor) -> Tensor:
        """measured: (batch, coil, kx, ky) complex64, zero where not sampled; mask: (ky,) bool, one for the batch.

        Returns the root sum of squares over coils of the predicted k-space's image, (batch, x, y).
        """
        return zero_filled_image(self.kspace(measured=measured, mask=mask))

    def coil_maps(self, *, measured: Tensor, mask: Tensor) -> Tensor:
        """Learned maps (batch, coil, x, y), complex, of the input of forward."""
        return torch.view_as_complex(self.maps_of(torch.view_as_real(measured), _lines(mask)).contiguous())

    def kspace(self, *, measured: Tensor, mask: Tensor) -> Tensor:
        """Predicted k-space (batch, coil, kx, ky), complex, of the input of forward."""
        pairs, lines = torch.view_as_real(measured), _lines(mask)
        maps = self.maps_of(pairs, lines)
        current = pairs
        for cascade in self.net.cascades:
            current = cascade(current, pairs, lines, maps)
        return torch.view_as_complex(current.contiguous())

    def maps_of(self, pairs: Tensor, lines: Tensor) -> Tensor:
        """Learned maps as the cascades take them: (batch, coil, kx, ky, 2) and (1, 1, 1, ky, 1) -> (batch, coil, x, y, 2)."""
        maps: Tensor = self.net.coil_sensitivity_model(pairs, lines)
        return maps

    def segments(self) -> list[nn.Module]:
        """The parts whose activations a training may forget and compute again."""
        return [self.net.coil_sensitivity_model, *self.net.cascades]


def _lines(mask: Tensor) -> Tensor:
    return mask.reshape(1, 1, 1, -1, 1)
