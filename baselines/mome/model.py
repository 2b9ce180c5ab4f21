"""MoME (Zhang et al. 2024, arXiv:2405.10246): one expert a modality, and a gate that mixes their logits voxel by voxel.

The image's modality is known in training and hidden afterwards: the gate sees the image and what every expert makes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from baselines.lesions.unet import CLASSES, DeepUNet, Levels
from baselines.lesions.volumes import View

#: the order of the experts
MODALITIES = ("t1", "t1ce", "t2", "flair", "dwi")


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """Logits by level, full resolution first: of every expert and of the gate, and the experts' mixture.

    experts: expert -> level -> (batch, 2, *space); gates: level -> (batch, experts x 2, *space); fused: level -> (batch, 2, *space)
    """

    experts: list[list[Tensor]]
    gates: list[Tensor]
    fused: list[Tensor]


class MoME(nn.Module):
    """(batch, planes, *space) -> Mixed. `planes`: neighbouring slices in 2-D, 1 in 3-D; sides divisible by 2**(stages - 1).

    spacing: mm between the voxels of its training. recompute: keep no activations of a net between its forward and backward pass; the same numbers in less memory.
    """

    best: Tensor

    def __init__(self, *, dims: int, planes: int, channels: int, stages: int, spacing: int, recompute: int = 0) -> None:
        super().__init__()
        sizes, experts = {"dims": dims, "channels": channels, "stages": stages}, len(MODALITIES)
        self.view = View(dims=dims, planes=planes, multiple=2 ** (stages - 1), spacing=spacing)
        self.recompute = bool(recompute)
        # which expert alone does best on the training images of all modalities
        self.register_buffer("best", torch.tensor(0))
        self.experts = nn.ModuleList(DeepUNet(inputs=planes, outputs=CLASSES, **sizes) for _ in range(experts))
        self.gate = DeepUNet(inputs=planes + experts * channels, outputs=experts * CLASSES, **sizes)
        # the mixture begins as the mean of the experts
        for head in self.gate.heads:
            assert isinstance(head, nn.Conv2d | nn.Conv3d)  # noqa: S101 - tells the type checker
            nn.init.zeros_(head.weight)
            assert head.bias is not None  # noqa: S101
            nn.init.constant_(head.bias, 1 / experts)

    def forward(self, image: Tensor) -> Mixed:
        """All experts, the gate on the image and the experts' first features, and the fusion at every level."""
        found = [self._run(expert, image) for expert in self.experts]
        gates = self._run(self.gate, torch.cat([image, *(one.features[0] for one in found)], dim=1)).logits
        experts = [one.logits for one in found]
        fused = [fuse(gate, [levels[at] for levels in experts]) for at, gate in enumerate(gates)]
        return Mixed(experts=experts, gates=gates, fused=fused)

    def _run(self, net: nn.Module, image: Tensor) -> Levels:
        levels: Levels
        if self.recompute and torch.is_grad_enabled():
            # tensors alone pass through a checkpoint
            features, logits = checkpoint(_as_lists, net, image, use_reentrant=False)
            levels = Levels(features=features, logits=logits)
        else:
            levels = net(image)
        return levels


def _as_lists(net: nn.Module, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    levels: Levels = net(image)
    return levels.features, levels.logits


def fuse(gate: Tensor, experts: Sequence[Tensor]) -> Tensor:
    """sum_e G_e O_e, voxel by voxel and class by class. gate: (batch, experts x 2, *space); experts: each (batch, 2, *space)."""
    parts = gate.chunk(len(experts), dim=1)
    return torch.stack([part * logits for part, logits in zip(parts, experts, strict=True)]).sum(dim=0)


def own_experts(experts: Sequence[Sequence[Tensor]], modality: Tensor) -> list[Tensor]:
    """Of every item of the batch the logits of its modality's expert, by level. modality: (batch,), index of the expert."""
    items = torch.arange(len(modality), device=modality.device)
    return [torch.stack([levels[at] for levels in experts])[modality, items] for at in range(len(experts[0]))]


def curriculum(progress: float) -> tuple[float, float]:
    """Weights of the experts' own loss and of the mixture's: (1 - r)^2 and 1 - (1 - r)^2. progress: r, from 0 to 1."""
    own = (1 - progress) ** 2
    return own, 1 - own
