"""Pairs to learn from: what the coils' images combine to without and with every line, as real and imaginary part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from torch import Tensor

from baselines.cine.data import TRAINING_SEED, training_scans
from baselines.cine.sense import Encoding
from baselines.d3gm.consistency import as_planes
from evaluators.phantoms.cine import ACCELERATIONS, CineSize


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """mean: zero-filled images of maximum 1, clean: the same frames fully sampled; both (frame, 2, y, x) float32.

    factor: (frame,) the acceleration factor that the mean was measured with.
    """

    mean: Tensor
    clean: Tensor
    factor: Tensor

    def of(self, factors: tuple[int, ...]) -> Pairs:
        """The pairs of some acceleration factors."""
        return self.at(torch.isin(self.factor, torch.tensor(factors)).nonzero()[:, 0])

    def at(self, chosen: Tensor) -> Pairs:
        """The pairs at these positions."""
        return Pairs(mean=self.mean[chosen], clean=self.clean[chosen], factor=self.factor[chosen])

    def batches(self, *, steps: int, batch: int, seed: int) -> Iterator[Pairs]:
        """`steps` random batches."""
        draw = torch.Generator().manual_seed(seed)
        for _ in range(steps):
            yield self.at(torch.randint(len(self.mean), (batch,), generator=draw))


@cache
def training_pairs(*, subjects: int, shapes: int, size: CineSize, seed: int = TRAINING_SEED) -> Pairs:
    """Every frame of chests and of scans of random shapes, both views, once for each acceleration factor."""
    mean, clean, factor = [], [], []
    scans = training_scans(
        subjects=subjects, shapes=shapes, size=size, factors=ACCELERATIONS, seed=seed, purpose="pair"
    )
    for number, (scan, full) in enumerate(scans):
        for position in range(size.slices):
            measured = scan.kspace[:, position]
            encoding = Encoding.of(measured, mask=scan.mask)
            start = encoding.adjoint(measured)
            target = replace(encoding, mask=np.ones_like(scan.mask)).adjoint(full[:, position])
            largest = np.abs(start).max(axis=(-2, -1), keepdims=True)
            mean.append(as_planes(start / largest))
            clean.append(as_planes(target / largest))
            # scans come once a factor, in the order of the factors
            factor.append(torch.full((len(start),), ACCELERATIONS[number % len(ACCELERATIONS)]))
    return Pairs(mean=torch.cat(mean), clean=torch.cat(clean), factor=torch.cat(factor))
