"""The surface of a mask as small pieces at the corners of its voxels, each with its area: marching cubes (squares in 2-D).

The eight voxels round a corner make its code; a corner that is neither all inside nor all outside holds a piece of surface.
Pieces that are images of each other, or inside out, have the same area, so thirteen of the 256 codes tell all.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Codes = NDArray[np.uint8]
Areas = NDArray[np.float64]

#: code -> its triangles: |normal| along x, y and z in eighths of the product of the other two spacings. The voxel at
#: (x, y, z) of the cube is bit 4x + 2y + z. Numbers of surface-distance 0.1, which took them from marching cubes.
_TRIANGLES: dict[int, tuple[tuple[int, int, int], ...]] = {
    0b00000001: ((1, 1, 1),),
    0b00000011: ((2, 2, 0), (2, 2, 0)),
    0b00000110: ((1, 1, 1), (1, 1, 1)),
    0b00000111: ((4, 0, 0), (2, 2, 2), (1, 1, 1)),
    0b00001111: ((4, 0, 0), (4, 0, 0)),
    0b00010110: ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
    0b00010111: ((1, 1, 1), (2, 2, 2), (2, 2, 2), (1, 1, 1)),
    0b00011000: ((1, 1, 1), (1, 1, 1)),
    0b00011001: ((0, 2, 2), (0, 2, 2), (1, 1, 1)),
    0b00011011: ((1, 1, 1), (3, 3, 3), (0, 2, 2), (2, 0, 2)),
    0b00011110: ((4, 0, 0), (1, 1, 1), (2, 2, 2), (1, 1, 1)),
    0b00111100: ((2, 2, 0), (2, 2, 0), (2, 2, 0), (2, 2, 0)),
    0b01101001: ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
}
_CUBE = tuple(product((0, 1), repeat=3))


def surfels(mask: Mask, *, spacing: tuple[float, ...]) -> tuple[Mask, Areas]:
    """(corners that hold a piece of surface, their areas in the order of memory).

    mask: (x, y) or (x, y, z); its corners are one more along each axis; what lies beyond it is outside.
    spacing: mm, one number an axis. Areas: mm^2; in 2-D lengths in mm.
    """
    codes = _codes(mask)
    full = (1 << 2**mask.ndim) - 1
    corners = (codes != 0) & (codes != full)
    table = _areas(spacing) if mask.ndim == 3 else _lengths(spacing)
    return corners, table[codes[corners]]


def _codes(mask: Mask) -> Codes:
    codes = np.zeros([size + 2 for size in mask.shape], dtype=np.uint8)
    codes[(slice(1, -1),) * mask.ndim] = mask
    # pairs along the last axis are bits 0 and 1, pairs of those along the one before bits 0 to 3
    for place, axis in enumerate(reversed(range(mask.ndim))):
        along = np.moveaxis(codes, axis, 0)
        codes = np.moveaxis(along[:-1] | (along[1:] << np.uint8(1 << place)), 0, axis)
    return np.ascontiguousarray(codes)


@lru_cache(maxsize=64)
def _areas(spacing: tuple[float, ...]) -> Areas:
    """(256,) mm^2."""
    x, y, z = map(float, spacing)
    table = np.zeros(256)
    for code, triangles in _normals().items():
        areas = [float(np.linalg.norm([a / 8 * y * z, b / 8 * x * z, c / 8 * x * y])) for a, b, c in triangles]
        # in one order, so that codes that are images of each other have areas equal to the last bit
        table[code] = sum(sorted(areas, reverse=True))
    return table


@lru_cache(maxsize=1)
def _normals() -> dict[int, list[tuple[int, ...]]]:
    """Every code but the two without surface -> its triangles, by turning and mirroring the cube and by inside out."""
    every = {}
    for order in permutations(range(3)):
        for flips in product((0, 1), repeat=3):
            moved = [
                sum(
                    (corner[axis] ^ flip) << 2 - place
                    for place, (axis, flip) in enumerate(zip(order, flips, strict=True))
                )
                for corner in _CUBE
            ]
            for code, triangles in _TRIANGLES.items():
                image = sum(1 << moved[bit] for bit in range(8) if code >> bit & 1)
                turned = [tuple(triangle[axis] for axis in order) for triangle in triangles]
                every[image] = every[255 - image] = turned
    return every


@lru_cache(maxsize=64)
def _lengths(spacing: tuple[float, ...]) -> Areas:
    """(16,) mm: bit 2x + y is the pixel at (x, y)."""
    x, y = map(float, spacing)
    slope = 0.5 * np.sqrt(x**2 + y**2)
    table = np.full(16, slope)
    table[[0b0000, 0b1111]] = 0.0
    table[[0b0011, 0b1100]] = y
    table[[0b0101, 0b1010]] = x
    table[[0b0110, 0b1001]] = 2 * slope
    return table
