"""The loss of all networks of this track: soft Dice and cross-entropy at every level of the decoder, as nnU-Net weighs them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, interpolate

_SMOOTH = 1e-5


def dice_and_cross_entropy(logits: Tensor, target: Tensor, *, over_batch: bool) -> Tensor:
    """1 - soft Dice of the lesion class, plus cross-entropy over both classes; background has no Dice.

    logits: (batch, 2, *space); target: (batch, *space), 0 or 1. over_batch: one Dice for the whole batch, as nnU-Net does for
    slices, of which many are empty; else the mean over items.
    """
    lesion = logits.float().softmax(dim=1)[:, 1].flatten(1)
    truth = target.flatten(1).float()
    axes = (0, 1) if over_batch else (1,)
    shared, both = (lesion * truth).sum(dim=axes), lesion.sum(dim=axes) + truth.sum(dim=axes)
    dice = (2 * shared + _SMOOTH) / (both + _SMOOTH)
    return 1 - dice.mean() + cross_entropy(logits.float(), target.long())


def level_weights(levels: int) -> tuple[float, ...]:
    """1, 1/2, 1/4 ..., the lowest of several 0, divided by their sum."""
    raw = [0.5**level for level in range(levels)]
    if levels > 1:
        raw[-1] = 0.0
    return tuple(weight / sum(raw) for weight in raw)


def deep_supervision(logits: Sequence[Tensor], target: Tensor, *, over_batch: bool) -> Tensor:
    """Weighted sum over levels, full resolution first; a level is held against the target's nearest voxels."""
    total = torch.zeros((), device=target.device)
    for weight, level in zip(level_weights(len(logits)), logits, strict=True):
        if weight:
            fitted = interpolate(target[:, None].float(), size=level.shape[2:], mode="nearest")[:, 0]
            total = total + weight * dice_and_cross_entropy(level, fitted, over_batch=over_batch)
    return total
