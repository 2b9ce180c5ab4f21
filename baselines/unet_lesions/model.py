"""One U-Net on images of every modality: nnU-Net's plain network with as many parameters as the whole mixture."""

from __future__ import annotations

from baselines.lesions.unet import CLASSES, WIDEST, DeepUNet
from baselines.lesions.volumes import View


class LesionUNet(DeepUNet):
    """(batch, planes, *space) -> Levels; sides divisible by 2**(stages - 1). spacing: mm between the voxels of its training."""

    def __init__(
        self, *, dims: int, planes: int, channels: int, stages: int, spacing: int, widest: int = WIDEST
    ) -> None:
        super().__init__(dims=dims, inputs=planes, outputs=CLASSES, channels=channels, stages=stages, widest=widest)
        self.view = View(dims=dims, planes=planes, multiple=2 ** (stages - 1), spacing=spacing)
