"""Training and gate phantoms, and random crops of them as batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.topology_refinement.inference import normalised
from evaluators.phantoms.topology.phantom import SHAPES, Phantom, Shape, simulate
from evaluators.phantoms.topology.space import Space

#: public seeds; a challenge's hidden set has a seed of its own. Every choice (how hard pictures are, numbers of the method and of
#: its rivals) was made on validation phantoms; those of the gates are looked at by `gates.py` alone
TRAINING_SEED, VALIDATION_SEED, GATE_SEED = 20241, 20242, 20261

#: an image or probability map and its mask, on one grid
Pair = tuple[NDArray[np.float32], NDArray[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One phantom of a set, with the stratum that it is scored in."""

    shape: Shape
    phantom: Phantom

    @property
    def pair(self) -> Pair:
        """(normalised image, mask)."""
        return normalised(self.phantom.image), self.phantom.mask


@cache
def subjects(*, seed: int, each: int, axes: int, size: int) -> tuple[Subject, ...]:
    """`each` phantoms of every shape that exists with so many axes, numbered from 1."""
    space = Space(axes=axes, size=size)
    return tuple(
        Subject(shape=shape, phantom=simulate(seed=seed, subject=number, shape=shape, space=space))
        for shape in SHAPES[axes]
        for number in range(1, each + 1)
    )


def batch_of(draw: Callable[[], Pair], *, batch: int, crop: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """(inputs, masks), both (batch, 1, *space) float32: crops of what `draw` gives, turned and mirrored."""
    pairs = [_cropped(draw(), crop=crop, rng=rng) for _ in range(batch)]
    inputs, masks = (np.stack([pair[which] for pair in pairs]).astype(np.float32) for which in (0, 1))
    return torch.from_numpy(inputs)[:, None], torch.from_numpy(masks)[:, None]


def _cropped(pair: Pair, *, crop: int, rng: np.random.Generator) -> Pair:
    image, mask = pair
    starts = [int(rng.integers(size - crop + 1)) for size in image.shape]
    cut = tuple(slice(start, start + crop, 1) for start in starts)
    order = rng.permutation(image.ndim)
    mirrored = tuple(int(axis) for axis in np.flatnonzero(rng.random(image.ndim) < 0.5))
    return np.flip(image[cut].transpose(order), mirrored), np.flip(mask[cut].transpose(order), mirrored)
