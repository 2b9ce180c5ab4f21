"""What SSIM, PSNR and NMSE are made of, found in one pass over the pictures and kept for the next metric of the pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.image import sums_kernel
from evaluators.metrics.image.pictures import BLOCK, Order, ordered
from evaluators.metrics.image.scaled import Scaled, Volume, as_scaled
from evaluators.metrics.threads import share

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Of each picture, (...)."""

    #: mean over the windows; None where windows were not asked for
    ssim: Numbers | None
    #: sum over x, y of (prediction - reference)^2
    error: Numbers
    #: sum over x, y of reference^2
    energy: Numbers


def sums_of(prediction: Volume, reference: Volume, *, windows: bool = False) -> Sums:
    """Two volumes (x, y, ...) of one shape, `windows`: SSIM too, which needs sides of 7 or more.

    A pair of `Scaled` volumes is read once for all metrics that ask for no more than the first one did; arrays, which
    may change between two calls, are read each time. Pictures are shared among `threads_to_use` threads.
    """
    mine, theirs = as_scaled(prediction), as_scaled(reference)
    kept: Sums | None = theirs.shared.get(mine)
    if kept is None or (windows and kept.ssim is None):
        kept = _read(mine, theirs, windows=windows)
        theirs.shared[mine] = kept
    return kept


def _read(prediction: Scaled, reference: Scaled, *, windows: bool) -> Sums:
    order = Order(reference.values)
    mine, theirs = order.stack(prediction.values), order.stack(reference.values)
    pair = (prediction, reference)
    scales = np.stack([[order.flat(volume.offset), order.flat(volume.divisor)] for volume in pair])
    magnitudes = np.array([volume.magnitude for volume in pair])
    single = mine.dtype == theirs.dtype == np.float32
    width = np.dtype(np.float32 if single else np.float64)
    found = np.empty((3, len(theirs)))

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, BLOCK):
            block = slice(first, min(first + BLOCK, stop))
            found[:, block] = sums_kernel.sums(
                ordered(mine[block], width=width),
                ordered(theirs[block], width=width),
                np.ascontiguousarray(scales[..., block]),
                magnitudes,
                windows,
            )

    share(work, count=len(theirs))
    ssim, error, energy = (order.unflat(row) for row in found)
    return Sums(ssim=ssim if windows else None, error=error, energy=energy)


def pooled(sums: Numbers, reference: Volume) -> Numbers:
    """Sums of each picture (...); where the reference says so, their mean over the whole volume in every picture's place."""
    if isinstance(reference, Scaled) and reference.pooled:
        return np.full(sums.shape, sums.mean())
    return sums
