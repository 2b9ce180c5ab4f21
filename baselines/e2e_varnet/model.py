"""E2E-VarNet (Sriram et al. 2020, arXiv:2004.06688): MONAI's cascades around the paper's own U-Nets, learned coil maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from monai.apps.reconstruction.networks.nets.coil_sensitivity_model import CoilSensitivityModel
from monai.apps.reconstruction.networks.nets.complex_unet import ComplexUnet
from monai.apps.reconstruction.networks.nets.utils import (
    reshape_batch_channel_to_channel_dim,
    reshape_channel_to_batch_dim,
)
from monai.apps.reconstruction.networks.nets.varnet import VariationalNetworkModel
from monai.networks.blocks.fft_utils_t import ifftn_centered_t
from torch import Tensor, nn

from baselines.cine.unet import Correction

if TYPE_CHECKING:
    _CoilModel = nn.Module
else:
    _CoilModel = CoilSensitivityModel


def _complex_unet(*, channels: int, pools: int, keeps_input: bool) -> Any:
    """A U-Net on a complex image as two channels, with MONAI's normalisation of real and imaginary part and padding."""
    unet = Correction(planes=2, channels=channels, pools=pools, keeps_input=keeps_input)
    return ComplexUnet(spatial_dims=2, pad_factor=2**pools, conv_net=unet)


class CoilMaps(_CoilModel):
    """Coil maps from the ACS lines, normalised as the paper does: the sum over coils of |S|^2 is 1.

    MONAI 1.6 divides real and imaginary parts each by its own root sum of squares, which bends the maps' phase and makes that
    sum 2; and its window of ACS lines is off by one where a sampled line touches the block on one side. Hence this forward.
    """

    conv_net: nn.Module

    def forward(self, masked_kspace: Tensor, mask: Tensor) -> Tensor:
        """(batch, coil, kx, ky, 2) and mask (1, 1, 1, ky, 1) -> maps (batch, coil, x, y, 2)."""
        find: Any = self.get_fully_sampled_region
        first, last = find(mask)
        calibration = torch.zeros_like(masked_kspace)
        calibration[..., first:last, :] = masked_kspace[..., first:last, :]
        image = ifftn_centered_t(calibration, spatial_dims=2, is_complex=True)
        coils, batch = reshape_channel_to_batch_dim(image)
        maps: Tensor = reshape_batch_channel_to_channel_dim(self.conv_net(coils), batch)
        return maps / maps.square().sum(dim=(1, -1), keepdim=True).sqrt()


class VarNet(nn.Module):
    """Unrolled reconstruction; k-space is refined in `cascades` steps with soft data consistency.

    Training begins where a classical method would: coil maps are the ACS images over their root sum of squares, and the
    refinements add next to nothing to the zero-filled image.
    """

    def __init__(self, *, cascades: int, channels: int, pools: int, coil_channels: int, coil_pools: int) -> None:
        super().__init__()
        self.net: Any = VariationalNetworkModel(
            coil_sensitivity_model=CoilMaps(
                conv_net=_complex_unet(channels=coil_channels, pools=coil_pools, keeps_input=True)
            ),
            refinement_model=_complex_unet(channels=channels, pools=pools, keeps_input=False),
            num_cascades=cascades,
        )

    def forward(self, measured: Tensor, mask: Tensor) -> Tensor:
        """measured: (batch, coil, kx, ky) complex64, zero where not sampled; mask: (ky,) bool, one for the batch.

        Returns the root sum of squares over coils of the predicted k-space's image, (batch, x, y).
        """
        image: Tensor = self.net(torch.view_as_real(measured), _lines(mask))
        return image

    def coil_maps(self, *, measured: Tensor, mask: Tensor) -> Tensor:
        """Learned maps (batch, coil, x, y), complex, of the input of forward."""
        maps: Tensor = self.net.coil_sensitivity_model(torch.view_as_real(measured), _lines(mask))
        return torch.view_as_complex(maps.contiguous())

    def kspace(self, *, measured: Tensor, mask: Tensor) -> Tensor:
        """Predicted k-space (batch, coil, kx, ky), complex, of the input of forward."""
        pairs, lines = torch.view_as_real(measured), _lines(mask)
        maps = self.net.coil_sensitivity_model(pairs, lines)
        current = pairs
        for cascade in self.net.cascades:
            current = cascade(current, pairs, lines, maps)
        return torch.view_as_complex(current.contiguous())


def _lines(mask: Tensor) -> Tensor:
    return mask.reshape(1, 1, 1, -1, 1)
