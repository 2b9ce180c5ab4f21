"""E2E-VarNet (Sriram et al. 2020, arXiv:2004.06688): MONAI's cascades around the paper's own U-Nets, learned coil maps."""

from __future__ import annotations

from typing import Any

from monai.apps.reconstruction.networks.nets.complex_unet import ComplexUnet

from baselines.cine.unet import Correction
from baselines.cine.unrolled import Unrolled


def _complex_unet(*, channels: int, pools: int, keeps_input: bool) -> Any:
    """A U-Net on a complex image as two channels, with MONAI's normalisation of real and imaginary part and padding."""
    unet = Correction(planes=2, channels=channels, pools=pools, keeps_input=keeps_input)
    return ComplexUnet(spatial_dims=2, pad_factor=2**pools, conv_net=unet)


class VarNet(Unrolled):
    """Unrolled reconstruction of one frame; k-space is refined in `cascades` steps with soft data consistency.

    Training begins where a classical method would: coil maps are the ACS images over their root sum of squares, and the
    refinements add next to nothing to the zero-filled image.
    """

    def __init__(self, *, cascades: int, channels: int, pools: int, coil_channels: int, coil_pools: int) -> None:
        super().__init__(
            coil_net=_complex_unet(channels=coil_channels, pools=coil_pools, keeps_input=True),
            refinement=_complex_unet(channels=channels, pools=pools, keeps_input=False),
            cascades=cascades,
        )
