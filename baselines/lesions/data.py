"""Training examples: slices or windows of simulated and real-anatomy heads, every modality of a head an image of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.lesions.volumes import normalised
from baselines.mome.model import MODALITIES
from evaluators.phantoms.brain.contrast import Modality
from evaluators.phantoms.brain.grid import HeadGrid
from evaluators.phantoms.brain.heads import HeadSet, scan_head, simulate_head

# public: no hidden set uses it, those come from a secret
TRAINING_SEED = 20241
GATE_SEED = 20242
#: nnU-Net: this share of a batch shows lesion for certain
_WITH_LESION = 0.33


@dataclass(frozen=True, kw_only=True)
class Batch:
    """image: (batch, planes, *space); target: (batch, *space), 0 or 1; modality: (batch,), place in MODALITIES."""

    image: Tensor
    target: Tensor
    modality: Tensor


@dataclass(frozen=True, kw_only=True)
class Case:
    """One image (x, y, z) with its reference; group: seen, unseen-scanner or unseen-lesion, and anatomy."""

    volume: NDArray[np.float32]
    reference: NDArray[np.bool_]
    modality: str
    lesion: str
    group: str


def cases(*, seed: int, heads: int, of: HeadSet, real: bool, grid: HeadGrid, first: int = 1) -> Iterator[Case]:
    """`heads` subjects from `first` on in all five modalities, lesions in turn. Raises RealAnatomyMissing."""
    for subject in range(first, first + heads):
        lesion = of.lesions[subject % len(of.lesions)]
        head = simulate_head(seed=seed, subject=subject, lesion=lesion, real=real, grid=grid)
        for name in MODALITIES:
            volume = scan_head(head=head, modality=Modality(name), scanner=of.scanner, seed=seed, subject=subject)
            group = f"{of}, real anatomy" if real else str(of)
            yield Case(volume=volume, reference=head.ill, modality=name, lesion=str(lesion), group=group)


@dataclass(frozen=True, kw_only=True)
class Images:
    """Normalised volumes (image, x, y, z), their masks (image, x, y, z) and modalities (image,)."""

    volume: Tensor
    mask: Tensor
    modality: Tensor


def training_images(*, heads: int, real: int, grid: HeadGrid, sides: Sequence[int], first: int = 1) -> Images:
    """Heads of the seen lesions: `heads` simulated, then `real` of the atlas; x and y cut or filled to `sides` around the middle."""
    found = [
        *cases(seed=TRAINING_SEED, heads=heads, of=HeadSet.SEEN, real=False, grid=grid, first=first),
        *cases(seed=TRAINING_SEED, heads=real, of=HeadSet.SEEN, real=True, grid=grid, first=first + heads),
    ]
    return Images(
        volume=torch.stack([fitted(torch.from_numpy(normalised(case.volume)), sides=sides) for case in found]),
        mask=torch.stack([fitted(torch.from_numpy(case.reference.astype(np.uint8)), sides=sides) for case in found]),
        modality=torch.tensor([MODALITIES.index(case.modality) for case in found]),
    )


def fitted(volume: Tensor, *, sides: Sequence[int]) -> Tensor:
    """Cut or fill with zeros around the middle: (x, y, z) -> (*sides, ...), as many axes as `sides` names."""
    for axis, side in enumerate(sides):
        have = int(volume.shape[axis])
        if have > side:
            volume = volume.narrow(axis, (have - side) // 2, side)
        elif have < side:
            shape = list(volume.shape)
            shape[axis] = side
            bigger = volume.new_zeros(shape)
            bigger.narrow(axis, (side - have) // 2, have).copy_(volume)
            volume = bigger
    return volume


def batches(
    *, images: Images, steps: int, batch: int, seed: int, planes: int, window: int | None, modality: int | None = None
) -> Iterator[Batch]:
    """`steps` random batches of all modalities, or of one alone.

    window None: an axial slice with its neighbours, (planes, x, y); else a cube of so many voxels, (1, x, y, z).
    """
    draw = torch.Generator().manual_seed(seed)
    chosen = torch.arange(len(images.volume)) if modality is None else (images.modality == modality).nonzero()[:, 0]
    for _ in range(steps):
        which = chosen[torch.randint(len(chosen), (batch,), generator=draw)]
        items = [_example(images, int(at), planes=planes, window=window, draw=draw) for at in which]
        image, target = (torch.stack(part) for part in zip(*items, strict=True))
        yield Batch(image=image, target=target, modality=images.modality[which])


def _example(
    images: Images, at: int, *, planes: int, window: int | None, draw: torch.Generator
) -> tuple[Tensor, Tensor]:
    volume, mask = images.volume[at], images.mask[at]
    wanted = torch.rand((), generator=draw) < _WITH_LESION
    inside = (mask if wanted else volume).nonzero()
    middle = inside[int(torch.randint(len(inside), (), generator=draw))]
    if window is None:
        z, reach = int(middle[2]), planes // 2
        around = torch.stack(
            [
                volume[:, :, k] if 0 <= k < volume.shape[2] else torch.zeros_like(volume[:, :, 0])
                for k in range(z - reach, z + reach + 1)
            ]
        )
        image, target = around, mask[:, :, z]
    else:
        corner = [
            min(max(int(place) - window // 2, 0), max(side - window, 0))
            for place, side in zip(middle, volume.shape, strict=True)
        ]
        cut = tuple(slice(first, first + window) for first in corner)
        image, target = fitted(volume[cut], sides=(window,) * 3)[None], fitted(mask[cut], sides=(window,) * 3)
    return _varied(image, target, draw=draw)


def _varied(image: Tensor, target: Tensor, *, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Left and right exchanged for every second example; gain, offset and noise drawn anew inside the brain."""
    if torch.rand((), generator=draw) < 0.5:
        image, target = image.flip(1), target.flip(0)
    gain, offset, spread = torch.randn(3, generator=draw)
    brain = image != 0
    noise = torch.randn(image.shape, generator=draw) * 0.1 * spread.abs()
    return torch.where(brain, image * (1 + 0.1 * gain) + 0.1 * offset + noise, 0), target
