"""Training examples from phantom subjects: frames with k-space, drawn with a new factor and new noise every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.cine.io import Scan
from baselines.cine.network import neighbours, zero_filled_image
from evaluators.phantoms.cine import ACCELERATIONS, CineSize, acquire, simulate_subject
from evaluators.phantoms.encoding import root_sum_of_squares
from evaluators.phantoms.mapping import simulate_mapping
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.sampling import cartesian_mask
from evaluators.phantoms.scan import Scan as Simulated
from evaluators.phantoms.shapes import simulate_shapes

# public: no hidden set uses it, those come from a secret
TRAINING_SEED = 20231
GATE_SEED = 20232
#: adjacent frames that an example can have at most
MOST_ADJACENT = 5


@dataclass(frozen=True, kw_only=True)
class Batch:
    """kspace: (batch, coil, kx, ky) complex64; mask: (ky,) bool; target: (batch, x, y) root-sum-of-squares reference.

    With adjacent frames kspace is (batch, adjacent, coil, kx, ky), and the target is that of the frame in the middle. Each
    example is scaled so that the zero-filled image of that frame has maximum 1.
    """

    kspace: Tensor
    mask: Tensor
    target: Tensor


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Noise-free frames of many scans: kspace (frame, coil, ky, kx), noise (frame,), target (frame, y, x).

    around: (frame, MOST_ADJACENT), each frame's neighbours of the same slice, itself in the middle.
    """

    kspace: Tensor
    noise: Tensor
    target: Tensor
    around: Tensor


def _simulated(
    *, subjects: int, shapes: int, mapping: int = 0, size: CineSize, seed: int
) -> Iterator[tuple[int, str, Simulated]]:
    """(subject, name, scan): both views of chests and of random shapes, then the T1 and T2 contrasts of the first `mapping` chests."""
    for subject in range(1, subjects + shapes + 1):
        simulate = simulate_subject if subject <= subjects else simulate_shapes
        for view, scan in simulate(seed=seed, subject=subject, size=size).items():
            yield subject, view, scan
    for subject in range(1, mapping + 1):
        for weighting, contrasts in simulate_mapping(seed=seed, subject=subject, size=size).items():
            yield subject, weighting, contrasts


@lru_cache(maxsize=1)  # the gates train several seeds on the same frames
def training_frames(
    *, subjects: int, shapes: int, mapping: int = 0, size: CineSize, seed: int = TRAINING_SEED
) -> Frames:
    """Simulate chests and scans of random shapes, both views of each; targets carry the reference's own noise.

    mapping: of how many chests the mapping scans' contrasts are among the frames too.
    """
    kspace, noise, target, around = [], [], [], []
    first = 0
    for subject, name, scan in _simulated(subjects=subjects, shapes=shapes, mapping=mapping, size=size, seed=seed):
        full, _ = acquire(scan=scan, acceleration=None, rng=stream(seed, "target", subject, name))
        frames, slices = scan.kspace.shape[:2]
        kspace.append(torch.from_numpy(scan.kspace).flatten(0, 1))
        target.append(torch.from_numpy(root_sum_of_squares(full)).flatten(0, 1))
        noise.append(torch.full((frames * slices,), scan.noise))
        times = neighbours(frames=frames, adjacent=MOST_ADJACENT)[:, None] * slices
        around.append(first + torch.from_numpy(times + np.arange(slices)[:, None]).flatten(0, 1))
        first += frames * slices
    return Frames(kspace=torch.cat(kspace), noise=torch.cat(noise), target=torch.cat(target), around=torch.cat(around))


def training_scans(
    *, subjects: int, shapes: int, size: CineSize, factors: tuple[int, ...], seed: int, purpose: str
) -> Iterator[tuple[Scan, NDArray[np.complex64]]]:
    """(measured scan, fully sampled k-space with the reference's own noise), once a factor, of both views of each subject.

    purpose: whose noise it is, so that no two uses of a seed share theirs.
    """
    for subject, view, scan in _simulated(subjects=subjects, shapes=shapes, size=size, seed=seed):
        full, _ = acquire(scan=scan, acceleration=None, rng=stream(seed, "target", subject, view))
        for factor in factors:
            noise = stream(seed, purpose, subject, view, factor)
            kspace, mask = acquire(scan=scan, acceleration=factor, rng=noise)
            yield Scan(kspace=kspace, mask=mask), full


def batches(*, frames: Frames, steps: int, batch: int, seed: int, adjacent: int = 1) -> Iterator[Batch]:
    """`steps` random batches: each of one acceleration factor, with noise drawn anew.

    adjacent: 1, or 3 or 5 frames an example. Of one seed, all see the same frames, factors and noise in the middle.
    """
    draw, beside = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    ny, nx = int(frames.kspace.shape[-2]), int(frames.kspace.shape[-1])
    for _ in range(steps):
        chosen = torch.randint(len(frames.kspace), (batch,), generator=draw)
        factor = ACCELERATIONS[int(torch.randint(len(ACCELERATIONS), (1,), generator=draw))]
        mask = torch.from_numpy(cartesian_mask(nx=nx, ny=ny, acceleration=factor)[:, 0])
        clean = frames.kspace[chosen]
        kspace = clean + _noise(frames=frames, chosen=chosen, draw=draw)
        if adjacent > 1:
            kspace = _with_neighbours(frames=frames, chosen=chosen, middle=kspace, adjacent=adjacent, draw=beside)
        kspace = torch.where(mask[:, None], kspace, 0)
        target = frames.target[chosen]
        yield scaled(kspace=kspace.transpose(-1, -2), mask=mask, target=target.transpose(-1, -2))


def _noise(*, frames: Frames, chosen: Tensor, draw: torch.Generator) -> Tensor:
    """Complex noise for frames.kspace[chosen], of any number of axes, at the level of each frame's scan."""
    shape = (*chosen.shape, *frames.kspace.shape[1:], 2)
    level = frames.noise[chosen].reshape(*chosen.shape, 1, 1, 1, 1)
    return torch.view_as_complex(torch.randn(shape, generator=draw) * level)


def _with_neighbours(*, frames: Frames, chosen: Tensor, middle: Tensor, adjacent: int, draw: torch.Generator) -> Tensor:
    """(batch, adjacent, coil, ky, kx), measured: `middle` (batch, coil, ky, kx) and its neighbours with noise of their own."""
    spare = (MOST_ADJACENT - adjacent) // 2
    around = frames.around[chosen][:, spare : spare + adjacent]
    measured = frames.kspace[around] + _noise(frames=frames, chosen=around, draw=draw)
    # a short series holds the same frame more than once, and it was measured once
    first = (around[:, :, None] == around[:, None, :]).to(torch.uint8).argmax(dim=1)
    measured = measured[torch.arange(len(chosen))[:, None], first]
    measured[around == chosen[:, None]] = middle[torch.nonzero(around == chosen[:, None])[:, 0]]
    return measured


def scaled(*, kspace: Tensor, mask: Tensor, target: Tensor) -> Batch:
    """Scale every example by its zero-filled maximum; kspace as in Batch, target (batch, x, y)."""
    middle = kspace if kspace.ndim == 4 else kspace[:, kspace.shape[1] // 2]
    largest = zero_filled_image(middle).amax(dim=(-2, -1))
    return Batch(
        kspace=(kspace / largest.reshape(-1, *[1] * (kspace.ndim - 1))).contiguous(),
        mask=mask,
        target=(target / largest[:, None, None]).contiguous(),
    )
