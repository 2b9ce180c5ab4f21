"""U-Net baseline of fastMRI: the zero-filled magnitude image in, a better magnitude image out, frame by frame."""

from __future__ import annotations

from torch import Tensor, nn

from baselines.cine.unet import Correction, padded


class MagnitudeUNet(nn.Module):
    """Normalises each image to mean 0 and deviation 1, runs the U-Net, undoes the normalisation."""

    def __init__(self, *, channels: int, pools: int) -> None:
        super().__init__()
        self.multiple = 2**pools
        self.unet = Correction(planes=1, channels=channels, pools=pools, keeps_input=True)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, y, x) zero-filled magnitude, any scale -> (batch, y, x) in the same scale."""
        mean = image.mean(dim=(-2, -1), keepdim=True)
        spread = image.std(dim=(-2, -1), keepdim=True).clamp_min(1e-20)
        bigger, inside = padded(image=(image - mean) / spread, multiple=self.multiple)
        result: Tensor = self.unet(bigger[:, None])[:, 0, inside[0], inside[1]]
        return result * spread + mean

    def segments(self) -> list[nn.Module]:
        """The parts whose activations a training may forget and compute again."""
        return [*self.unet.down, *self.unet.merge]
