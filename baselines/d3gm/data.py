"""Pairs to learn from: what the coils' images combine to without and with every line, as real and imaginary part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from baselines.cine.data import TRAINING_SEED, training_scans
from baselines.cine.sense import Complex, Encoding
from evaluators.phantoms.cine import ACCELERATIONS, CineSize


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """mean: zero-filled images of maximum 1, clean: the same frames fully sampled; both (frame, 2, y, x) float32."""

    mean: Tensor
    clean: Tensor

    def batches(self, *, steps: int, batch: int, seed: int) -> Iterator[Pairs]:
        """`steps` random batches."""
        draw = torch.Generator().manual_seed(seed)
        for _ in range(steps):
            chosen = torch.randint(len(self.mean), (batch,), generator=draw)
            yield Pairs(mean=self.mean[chosen], clean=self.clean[chosen])


def as_planes(image: Complex) -> Tensor:
    """(frame, y, x) complex -> (frame, 2, y, x)."""
    return torch.from_numpy(np.stack([image.real, image.imag], axis=1).astype(np.float32))


def training_pairs(
    *, subjects: int, shapes: int, size: CineSize, factors: tuple[int, ...] = ACCELERATIONS, seed: int = TRAINING_SEED
) -> Pairs:
    """Every frame of chests and of scans of random shapes, both views, once for each acceleration factor."""
    mean, clean = [], []
    scans = training_scans(subjects=subjects, shapes=shapes, size=size, factors=factors, seed=seed, purpose="pair")
    for scan, full in scans:
        for position in range(size.slices):
            measured = scan.kspace[:, position]
            encoding = Encoding.of(measured, mask=scan.mask)
            start = encoding.adjoint(measured)
            target = replace(encoding, mask=np.ones_like(scan.mask)).adjoint(full[:, position])
            largest = np.abs(start).max(axis=(-2, -1), keepdims=True)
            mean.append(as_planes(start / largest))
            clean.append(as_planes(target / largest))
    return Pairs(mean=torch.cat(mean), clean=torch.cat(clean))
