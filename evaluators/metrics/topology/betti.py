"""Betti numbers and Euler characteristic of a mask in two or three axes, for either connectivity of the foreground.

A voxel joins its 4 (2-D) or 6 (3-D) neighbours under `low`, its 8 or 26 under `high`; the background takes the other one,
else a closed curve would not part its inside from its outside. What lies beyond the array is background.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Choice
from evaluators.metrics.errors import MetricError
from evaluators.metrics.topology.components_kernel import count_components
from evaluators.metrics.topology.euler_kernel import count_cells

Mask = NDArray[np.bool_]

LOW, HIGH = "low", "high"
CONNECTIVITY = Choice(
    values={
        LOW: "foreground 4 (2-D) or 6 (3-D), background 8 or 26: voxels are vertices, as gudhi's CubicalComplex(vertices=) "
        "and cripser's filtration V",
        HIGH: "foreground 8 or 26, background 4 or 6: voxels are closed squares or cubes, as gudhi's "
        "CubicalComplex(top_dimensional_cells=) and cripser's filtration T",
    }
)
_DUAL = {LOW: HIGH, HIGH: LOW}


def betti_numbers(mask: Mask, *, connectivity: str = LOW) -> tuple[int, ...]:
    """How many pieces, loops and cavities a mask has: (b0, b1) in two axes, (b0, b1, b2) in three.

    b0 = components of the foreground; the last one = components of the background, the outer one left out; in three axes
    b1 = b0 + b2 - Euler characteristic. mask: (x, y) or (x, y, z), any size; an empty one has (0, 0, 0).
    Raises MetricError for another number of axes or another connectivity.
    """
    check(mask, connectivity=connectivity)
    volume = _with_border(mask)
    pieces, rooms = _count_pieces(volume, connectivity=connectivity)
    cavities = rooms - 1
    if mask.ndim == 2:
        return pieces, cavities
    return pieces, pieces + cavities - _euler(volume, axes=3, connectivity=connectivity), cavities


def euler_number(mask: Mask, *, connectivity: str = LOW) -> int:
    """Euler characteristic: pieces - loops (+ cavities in three axes).

    vertices - edges + squares - cubes of the cubical complex. mask: (x, y) or (x, y, z).
    Raises MetricError for another number of axes or another connectivity.
    """
    check(mask, connectivity=connectivity)
    return _euler(_with_border(mask), axes=mask.ndim, connectivity=connectivity)


def check(mask: Mask, *, connectivity: str) -> None:
    """Raises MetricError for what has no topology here."""
    if mask.ndim not in {2, 3}:
        raise MetricError(f"topology is defined for masks of two or three axes, not {mask.ndim}")
    if connectivity not in _DUAL:
        raise MetricError(f"connectivity {connectivity!r} is not served; write {LOW} or {HIGH}")


def _with_border(mask: Mask) -> Mask:
    """As a volume, with one voxel of background all around; a picture stays one layer."""
    around = np.zeros([size + 2 for size in mask.shape], dtype=np.bool_)
    around[(slice(1, -1),) * mask.ndim] = mask
    return around if mask.ndim == 3 else around[None]


def _euler(volume: Mask, *, axes: int, connectivity: str) -> int:
    if connectivity == LOW:
        return int(count_cells(volume.view(np.uint8)))
    # Alexander duality: closed cubes on the foreground leave open the cells that the background's voxels span
    beyond = int(count_cells(np.logical_not(volume).view(np.uint8)))
    return beyond - 1 if axes == 3 else 1 - beyond


def _count_pieces(volume: Mask, *, connectivity: str) -> tuple[int, int]:
    """(components of the foreground, components of the background) of a volume with a border of background."""
    planes, rows, width = volume.shape
    flat = volume.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]).astype(np.int32) + 1
    # the border makes every run begin and end within its row, and a gap stand before and behind each run
    in_row, along = np.divmod(changes, width)
    starts, ends = along[::2].copy(), along[1::2].copy()
    offsets = np.zeros(planes * rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(in_row[::2], minlength=planes * rows), out=offsets[1:])
    gaps = np.arange(starts.size, dtype=np.int32) + in_row[::2]
    gap_offsets = offsets + np.arange(planes * rows + 1, dtype=np.int32)
    gap_starts = np.zeros(gap_offsets[-1], dtype=np.int32)
    gap_ends = np.full(gap_offsets[-1], width, dtype=np.int32)
    gap_ends[gaps] = starts
    gap_starts[gaps + 1] = ends
    reach, dual = (0, 1) if connectivity == LOW else (1, 0)
    return (
        int(count_components(starts, ends, offsets, rows, reach)),
        int(count_components(gap_starts, gap_ends, gap_offsets, rows, dual)),
    )
