"""Which part of a volume is scored: all of it, or what CMRxRecon ranked, by one rule in 2023, 2024 and 2025."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating[Any]]
Slices = tuple[slice, ...]

#: "for cine: use the first 3 time frames for ranking"
_RANKED_FRAMES = 3
#: "for mapping: we need all weighting for ranking"; a scan is told by the name of its file, as the challenge tells it
_CONTRASTS = ("t1map", "t2map", "t2smap", "t1rho")


def full(shape: tuple[int, ...], *, scan: str) -> Slices:
    """Everything."""
    del scan
    return tuple(slice(0, size) for size in shape)


def challenge_crop(shape: tuple[int, ...], *, scan: str) -> Slices:
    """The rule of CMRxRecon's run4Ranking.m, applied to a whole volume (x, y, slice, frame).

    x, y: the centre, a third of x by a half of y. slice: the middle two, round(n/2)-1 and round(n/2) counted from 1;
    all where there are fewer than three. frame: the first three, of a mapping scan all. round is MATLAB's: halves go up.
    scan: the name of its file, such as cine_sax.mat or T1map_kus_Uniform4.mat. 2023's script stops at a scan of one
    slice, 2024's at one of two frames; here they keep what they have, as 2025's does.
    """
    nx, ny, slices, frames = shape
    kept = frames if scan.lower().startswith(_CONTRASTS) else min(frames, _RANKED_FRAMES)
    return (
        _centre(nx, keep=_round(nx / 3)),
        _centre(ny, keep=_round(ny / 2)),
        _middle_two(slices),
        slice(0, kept),
    )


def _round(value: float) -> int:
    """MATLAB's round for positive numbers; Python's would take halves to the even neighbour."""
    return floor(value + 0.5)


def _centre(size: int, *, keep: int) -> slice:
    """The challenge's utils/crop.m: the first kept index is floor(size/2) + ceil(-keep/2), counted from 0."""
    first = size // 2 + -(keep // 2)
    return slice(first, first + keep)


def _middle_two(slices: int) -> slice:
    if slices < 3:
        return slice(0, slices)
    last = _round(slices / 2)
    return slice(last - 2, last)


@dataclass(frozen=True, kw_only=True)
class Region:
    """One value of the option: which part of a shape (x, y, slice, frame) counts, and the same in words, with their source."""

    slices: Callable[..., Slices]
    words: str


#: the option's values; the first is the default
REGIONS: Mapping[str, Region] = MappingProxyType(
    {
        "challenge-crop": Region(
            slices=challenge_crop,
            words="the middle third of x by the middle half of y, the two middle slices, the first three frames (of mapping "
            "all contrasts); CMRxRecon 2023 to 2025, CMRxReconDemo/run4Ranking.m",
        ),
        "full": Region(
            slices=full,
            words="every pixel, slice and frame of the reference; as in the test phase of CMRxRecon 2023",
        ),
    }
)


def cut(volume: Real, *, region: str, scan: str = "cine") -> Real:
    """A view of the named region of a volume (x, y, slice, frame) of the scan whose file is called so."""
    return volume[REGIONS[region].slices(volume.shape, scan=scan)]


def ranked_shape(shape: tuple[int, ...], *, scan: str) -> tuple[int, ...]:
    """The shape of what the challenge ranked of a volume (x, y, slice, frame): its validation phase asked for that alone."""
    return tuple(part.stop - part.start for part in challenge_crop(shape, scan=scan))
