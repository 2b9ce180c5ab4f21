"""Pairs to learn from: what the coils' images combine to without and with every line, as real and imaginary part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.cine.data import TRAINING_SEED
from baselines.cine.sense import Complex, Encoding, coil_maps
from evaluators.phantoms.cine import ACCELERATIONS, CineSize, acquire, simulate_subject
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.shapes import simulate_shapes


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
    for subject in range(1, subjects + shapes + 1):
        simulate = simulate_subject if subject <= subjects else simulate_shapes
        for view, scan in simulate(seed=seed, subject=subject, size=size).items():
            full, _ = acquire(scan=scan, acceleration=None, rng=stream(seed, "target", subject, view))
            for factor in factors:
                kspace, mask = acquire(scan=scan, acceleration=factor, rng=stream(seed, "pair", subject, view, factor))
                for position in range(size.slices):
                    measured = kspace[:, position]
                    maps = coil_maps(measured, mask=mask)
                    start = Encoding(maps=maps, mask=mask).adjoint(measured)
                    target = Encoding(maps=maps, mask=np.ones_like(mask)).adjoint(full[:, position])
                    largest = np.abs(start).max(axis=(-2, -1), keepdims=True)
                    mean.append(as_planes(start / largest))
                    clean.append(as_planes(target / largest))
    return Pairs(mean=torch.cat(mean), clean=torch.cat(clean))
