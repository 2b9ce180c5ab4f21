"""How the volumes of one case are laid on pictures: which slices, how far thinned out, and which way up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: pixels of a frame's longer side: of a stack of slices, and of a single picture
_LONGEST, _LONGEST_ALONE = 256, 768
#: pixels of all frames together, a byte each: their PNG stays below `MOST_PICTURE` whatever they show
_MOST_PIXELS = 2_000_000
_MOST_FRAMES = 64
#: what lies towards higher and towards lower coordinates of a NIfTI world
_HIGHER, _LOWER = "RAS", "LPI"


@dataclass(frozen=True, kw_only=True)
class View:
    """Of arrays (x, y) or (x, y, z). The stored x runs across, y up or down, z from frame to frame.

    Volumes are turned so that right, anterior or superior lie to the right and above; `sides` says which of them do. Nobody
    knows which way up a picture is: its y runs down, as everywhere with pictures.
    """

    shape: tuple[int, ...]
    #: z of the first frame, and from frame to frame; 0 for a picture
    first: int
    step: int
    #: voxels from pixel to pixel
    thinning: int
    #: whether x and y run against the picture's columns and rows
    turned: tuple[bool, bool]
    #: left, right, above, below; empty for a picture
    sides: str

    @property
    def slices(self) -> int:
        """Of the whole volume."""
        return self.shape[2] if len(self.shape) == 3 else 1

    def frames(self, volume: NDArray[Any]) -> NDArray[Any]:
        """(frame, row, column) of the voxels that are shown. Raises ValueError for an array of another shape."""
        if volume.shape != self.shape:
            raise ValueError(f"an array {volume.shape}, the view is of {self.shape}")
        stack = volume[..., None] if volume.ndim == 2 else volume[:, :, self.first :: self.step]
        along_x, along_y = (slice(None, None, -1 if against else 1) for against in self.turned)
        return stack[along_x, along_y].transpose(2, 1, 0)[:, :: self.thinning, :: self.thinning]

    def place(self, voxel: Sequence[int]) -> tuple[int, int, int]:
        """(frame, column, row) nearest to a voxel."""
        rows = [
            (size - 1 - at if against else at) // self.thinning
            for at, size, against in zip(voxel[:2], self.shape[:2], self.turned, strict=True)
        ]
        if len(self.shape) == 2:
            return 0, rows[0], rows[1]
        last = (self.shape[2] - 1 - self.first) // self.step
        return min(last, max(0, round((voxel[2] - self.first) / self.step))), rows[0], rows[1]


def view_of(shape: tuple[int, ...], *, affine: NDArray[np.float64] | None) -> View:
    """The view of arrays of this shape. affine: (4, 4), voxel index -> mm in RAS; None: nothing is known of sides."""
    flat = len(shape) == 2
    thinning = -(-max(shape[:2]) // (_LONGEST_ALONE if flat else _LONGEST))
    if flat:
        return View(shape=shape, first=0, step=0, thinning=thinning, turned=(False, False), sides="")
    pixels = -(-shape[0] // thinning) * -(-shape[1] // thinning)
    step = -(-shape[2] // min(_MOST_FRAMES, max(1, _MOST_PIXELS // pixels)))
    first = (shape[2] - 1) % step // 2
    if affine is None:
        return View(shape=shape, first=first, step=step, thinning=thinning, turned=(False, False), sides="")
    axes = [int(np.abs(affine[:3, axis]).argmax()) for axis in (0, 1)]
    against_x, against_y = (bool(affine[row, axis] < 0) for axis, row in enumerate(axes))
    return View(
        shape=shape,
        first=first,
        step=step,
        thinning=thinning,
        # rows are counted from above
        turned=(against_x, not against_y),
        sides=_LOWER[axes[0]] + _HIGHER[axes[0]] + _HIGHER[axes[1]] + _LOWER[axes[1]],
    )
