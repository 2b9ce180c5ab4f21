"""Training examples from phantom subjects: frames with k-space, drawn with a new factor and new noise every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.cine.io import Scan
from baselines.cine.network import zero_filled_image
from evaluators.phantoms.cine import ACCELERATIONS, CineSize, acquire, simulate_subject
from evaluators.phantoms.encoding import root_sum_of_squares
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.sampling import cartesian_mask
from evaluators.phantoms.shapes import simulate_shapes

# public: no hidden set uses it, those come from a secret
TRAINING_SEED = 20231
GATE_SEED = 20232


@dataclass(frozen=True, kw_only=True)
class Batch:
    """kspace: (batch, coil, kx, ky) complex64; mask: (ky,) bool; target: (batch, x, y) root-sum-of-squares reference.

    Each example is scaled so that its zero-filled image has maximum 1.
    """

    kspace: Tensor
    mask: Tensor
    target: Tensor


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Noise-free frames of many scans: kspace (frame, coil, ky, kx), noise (frame,), target (frame, y, x)."""

    kspace: Tensor
    noise: Tensor
    target: Tensor


def training_frames(*, subjects: int, shapes: int, size: CineSize, seed: int = TRAINING_SEED) -> Frames:
    """Simulate chests and scans of random shapes, both views of each; targets carry the reference's own noise."""
    kspace, noise, target = [], [], []
    for subject in range(1, subjects + shapes + 1):
        simulate = simulate_subject if subject <= subjects else simulate_shapes
        for view, scan in simulate(seed=seed, subject=subject, size=size).items():
            full, _ = acquire(scan=scan, acceleration=None, rng=stream(seed, "target", subject, view))
            kspace.append(torch.from_numpy(scan.kspace).flatten(0, 1))
            target.append(torch.from_numpy(root_sum_of_squares(full)).flatten(0, 1))
            noise.append(torch.full((size.frames * size.slices,), scan.noise))
    return Frames(kspace=torch.cat(kspace), noise=torch.cat(noise), target=torch.cat(target))


def training_scans(
    *, subjects: int, shapes: int, size: CineSize, factors: tuple[int, ...], seed: int, purpose: str
) -> Iterator[tuple[Scan, NDArray[np.complex64]]]:
    """(measured scan, fully sampled k-space with the reference's own noise), once a factor, of both views of each subject.

    purpose: whose noise it is, so that no two uses of a seed share theirs.
    """
    for subject in range(1, subjects + shapes + 1):
        simulate = simulate_subject if subject <= subjects else simulate_shapes
        for view, scan in simulate(seed=seed, subject=subject, size=size).items():
            full, _ = acquire(scan=scan, acceleration=None, rng=stream(seed, "target", subject, view))
            for factor in factors:
                noise = stream(seed, purpose, subject, view, factor)
                kspace, mask = acquire(scan=scan, acceleration=factor, rng=noise)
                yield Scan(kspace=kspace, mask=mask), full


def batches(*, frames: Frames, steps: int, batch: int, seed: int) -> Iterator[Batch]:
    """`steps` random batches: each of one acceleration factor, with noise drawn anew."""
    draw = torch.Generator().manual_seed(seed)
    ny, nx = int(frames.kspace.shape[-2]), int(frames.kspace.shape[-1])
    for _ in range(steps):
        chosen = torch.randint(len(frames.kspace), (batch,), generator=draw)
        factor = ACCELERATIONS[int(torch.randint(len(ACCELERATIONS), (1,), generator=draw))]
        mask = torch.from_numpy(cartesian_mask(nx=nx, ny=ny, acceleration=factor)[:, 0])
        clean = frames.kspace[chosen]
        noise = torch.randn((*clean.shape, 2), generator=draw) * frames.noise[chosen].reshape(-1, 1, 1, 1, 1)
        kspace = torch.where(mask[:, None], clean + torch.view_as_complex(noise), 0)
        target = frames.target[chosen]
        yield scaled(kspace=kspace.transpose(-1, -2), mask=mask, target=target.transpose(-1, -2))


def scaled(*, kspace: Tensor, mask: Tensor, target: Tensor) -> Batch:
    """Scale every example by its zero-filled maximum; kspace (batch, coil, kx, ky), target (batch, x, y)."""
    largest = zero_filled_image(kspace).amax(dim=(-2, -1))
    return Batch(
        kspace=(kspace / largest[:, None, None, None]).contiguous(),
        mask=mask,
        target=(target / largest[:, None, None]).contiguous(),
    )
