"""PromptMR (Xin et al. 2023, arXiv:2309.13839): a VarNet over adjacent frames stacked in the channels, with prompts in its U-Nets."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from baselines.cine.unet import padded
from baselines.cine.unrolled import Unrolled
from baselines.promptmr.prompt_unet import PromptUnet


class Together(nn.Module):
    """A PromptUnet on the complex images of `adjacent` frames at once: real and imaginary parts of all are its planes.

    All planes of an example are normalised by one mean and deviation, and padded to what the U-Net can halve.
    keeps_input: the U-Net's answer is added to its input, else it stands alone.
    """

    def __init__(self, *, adjacent: int, channels: int, blocks: int, side: int, keeps_input: bool) -> None:
        super().__init__()
        self.adjacent, self.keeps_input = adjacent, keeps_input
        self.unet = PromptUnet(planes=2 * adjacent, channels=channels, blocks=blocks, side=side)

    def forward(self, image: Tensor) -> Tensor:
        """(batch * adjacent, 1, x, y, 2), the frames of an example one after the other -> the same shape."""
        planes = image.reshape(-1, self.adjacent, *image.shape[2:]).movedim(-1, 1).flatten(1, 2)
        mean = planes.mean(dim=(1, 2, 3), keepdim=True)
        spread = planes.std(dim=(1, 2, 3), keepdim=True).clamp_min(1e-20)
        bigger, inside = padded(image=(planes - mean) / spread, multiple=PromptUnet.MULTIPLE)
        found = self.unet(bigger) + bigger if self.keeps_input else self.unet(bigger)
        answer = found[..., inside[0], inside[1]] * spread + mean
        parts = answer.reshape(-1, 2, self.adjacent, *answer.shape[2:])
        result: Tensor = parts.movedim(1, -1).reshape(image.shape)
        return result


class PromptMR(Unrolled):
    """Refines the k-space of `adjacent` frames together and keeps the one in the middle.

    Every cascade keeps every frame consistent with its own measurement; coil maps are found for each frame by one network
    of half the width. Training begins where a classical method would, as the VarNet's does.

    adjacent: 1, 3 or 5 frames. channels, blocks, side: see PromptUnet. map_frames: from how many of the frames the network of
    the coil maps learns, all of them or the one in the middle; that one alone makes a training step half as long.
    """

    def __init__(
        self, *, adjacent: int, cascades: int, channels: int, blocks: int, side: int, map_frames: int = 1
    ) -> None:
        if adjacent not in (1, 3, 5):
            raise ValueError(f"adjacent={adjacent}: choose 1, 3 or 5 frames.")
        super().__init__(
            coil_net=Together(adjacent=1, channels=channels // 2, blocks=blocks, side=side, keeps_input=True),
            refinement=Together(adjacent=adjacent, channels=channels, blocks=blocks, side=side, keeps_input=False),
            cascades=cascades,
        )
        self.adjacent, self.learns_from_all = adjacent, map_frames > 1

    def kspace(self, *, measured: Tensor, mask: Tensor) -> Tensor:
        """measured: (batch, adjacent, coil, kx, ky), or without that axis where adjacent is 1; mask: (ky,).

        Returns the predicted k-space of the frame in the middle, (batch, coil, kx, ky), complex.
        """
        # frames lie in the batch for data consistency and coil maps, and meet in the refinement alone
        flat = measured.reshape(-1, *measured.shape[-3:])
        found = super().kspace(measured=flat, mask=mask)
        middle: Tensor = found[self.adjacent // 2 :: self.adjacent]
        return middle

    def maps_of(self, pairs: Tensor, lines: Tensor) -> Tensor:
        """As in Unrolled, for all frames of all examples."""
        if self.adjacent == 1 or self.learns_from_all or not torch.is_grad_enabled():
            return super().maps_of(pairs, lines)
        with torch.no_grad():
            maps = super().maps_of(pairs, lines)
        middle = torch.arange(len(pairs), device=pairs.device) % self.adjacent == self.adjacent // 2
        return maps.index_put((middle.nonzero()[:, 0],), super().maps_of(pairs[middle], lines))
