"""The cells of a pair of masks as flat arrays: which cell lies in which mask, for either connectivity.

Cell (v, t) starts at grid point v = x * stride_x + y * stride_y + z. Edges: t is their axis. Squares: t is the axis they are
normal to. This order, first v then t, is that of Betti-Matching-3D; it decides between equally good matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

#: UNION is not the or of the first two: an edge from a voxel of one mask to a voxel of the other lies in the union alone
PREDICTION, REFERENCE, UNION, EXISTS = 1, 2, 4, 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Every cell of a box: bits PREDICTION, REFERENCE and UNION where it lies in these, EXISTS where the box has it.

    vertices, cubes: (points,); edges, squares: (points * 3,). strides: in points, x and y (z is 1).
    """

    vertices: Bits
    edges: Bits
    squares: Bits
    cubes: Bits
    strides: tuple[int, int]


def spanned_by(prediction: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Cells:
    """Voxels are grid points; a cell lies in a mask when all its corners do: connectivity `low`. Masks (x, y, z)."""
    return _cells(_bits(prediction, reference), at_corners=np.bitwise_and)


def covered_by(prediction: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Cells:
    """Voxels are closed cubes; a cell lies in a mask when it is a face of a voxel there: connectivity `high`.

    Masks (x, y, z); with a single layer in z the voxels are squares.
    """
    flat = prediction.shape[2] == 1
    around = np.pad(_bits(prediction, reference), [(1, 1), (1, 1), (0, 0) if flat else (1, 1)], constant_values=EXISTS)
    # grid points lie between voxels: a cell is seen from the 2x2x2 voxels about its first point, its own extent cut off
    return _cells(around, at_corners=np.bitwise_or)


def _bits(prediction: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Bits:
    bits = np.full(prediction.shape, EXISTS, dtype=np.uint8)
    for mask, bit in ((prediction, PREDICTION), (reference, REFERENCE), (prediction | reference, UNION)):
        bits |= mask * np.uint8(bit)
    return bits


def _cells(voxels: Bits, *, at_corners: np.ufunc) -> Cells:
    flat = voxels.shape[2] == 1
    covering = at_corners is np.bitwise_or
    axes = (0, 1) if flat else (0, 1, 2)
    shape = tuple(size - (covering and axis in axes) for axis, size in enumerate(voxels.shape))

    def of(extent: tuple[int, ...]) -> Bits:
        """Cells that extend along these axes, by their first point; 0 where they would leave the box."""
        cells = np.zeros(shape, dtype=np.uint8)
        inner = tuple(slice(0, size - (axis in extent)) for axis, size in enumerate(shape))
        if all(part.stop > 0 for part in inner):
            cells[inner] = reduce(
                at_corners, _windows(voxels, inner=inner, extent=extent, covering=covering, axes=axes)
            )
        return cells

    pairs = ((1, 2), (0, 2), (0, 1))
    return Cells(
        vertices=of(()).ravel(),
        edges=np.stack([of((axis,)) for axis in range(3)], axis=-1).ravel(),
        squares=np.stack([of(pair) for pair in pairs], axis=-1).ravel(),
        cubes=of((0, 1, 2)).ravel(),
        strides=(shape[1] * shape[2], shape[2]),
    )


def _windows(
    voxels: Bits, *, inner: tuple[slice, ...], extent: tuple[int, ...], covering: bool, axes: tuple[int, ...]
) -> list[Any]:
    """The voxels that decide about each cell: its corners, or the voxels that touch it."""
    choices = []
    for axis in range(3):
        if not covering:
            choices.append((0, 1) if axis in extent else (0,))
        elif axis in extent:
            choices.append((1,))
        else:
            choices.append((0, 1) if axis in axes else (0,))
    return [
        voxels[tuple(slice(step, step + part.stop) for step, part in zip(steps, inner, strict=True))]
        for steps in product(*choices)
    ]
