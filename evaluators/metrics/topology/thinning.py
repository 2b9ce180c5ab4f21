"""Skeletons of masks: Zhang and Suen 1984 in two axes, Lee, Kashyap and Chu 1994 in three; what lies beyond is background."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

#: the eight neighbours clockwise from above, as the paper numbers them P2 to P9
_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
#: the 26 neighbours in the order of memory; bit i of a neighbourhood is _STEPS[i]
_STEPS = tuple(step for step in product((-1, 0, 1), repeat=3) if step != (0, 0, 0))
#: the sides from which layers are taken, in this order
_SIDES = ((0, -1, 0), (0, 1, 0), (0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 0, 0))


#: where scikit-image departs from the paper, so that lines two pixels thick do not vanish: neighbours that are set -> when
#: the pixel goes (0 never, 1 first half-pass, 2 second, 3 both). Its numbers are what the field calls clDice.
_DEPARTURES = {
    0: ("S SE", "W NW"),
    1: ("N NW", "N NE", "NE E", "N NE E", "N W NW", "N E NW", "N NE W", "N W SW", "S W NW", "N NE W SW"),
    2: ("E SE", "S SW", "W SW", "E S SE", "S W SW", "N E SE", "E S SW", "S W SE", "NE E S SW"),
    3: ("N E", "E S", "S W", "N W"),
}
_NAMES = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def _removable() -> NDArray[np.uint8]:
    """For each of 256 rings: bit 1 where the first half-pass takes the pixel away, bit 2 where the second does."""
    table = np.zeros(256, dtype=np.uint8)
    for ring in range(256):
        p = [ring >> place & 1 for place in range(8)]
        rises = sum(p[place] < p[(place + 1) % 8] for place in range(8))
        if rises != 1 or not 2 <= sum(p) <= 6:
            continue
        north, east, south, west = p[0::2]
        first = not (north and east and south) and not (east and south and west)
        second = not (north and east and west) and not (north and south and west)
        table[ring] = first + 2 * second
    for when, rings in _DEPARTURES.items():
        for names in rings:
            table[sum(1 << _NAMES.index(name) for name in names.split())] = when
    return table


def _bits(steps: list[tuple[int, ...]]) -> int:
    return sum(1 << _STEPS.index(step) for step in steps if step in _STEPS)


def _touching() -> NDArray[np.int32]:
    """For each neighbour the others that it touches (26-adjacency), as bits."""
    return np.array(
        [
            _bits([other for other in _STEPS if max(abs(a - b) for a, b in zip(one, other, strict=True)) == 1])
            for one in _STEPS
        ],
        dtype=np.int32,
    )


def _faces() -> NDArray[np.int32]:
    """For each face of a voxel's closed cube (corners, edges, sides, the cube): the other voxels there, and its sign."""
    rows = []
    for face in product((-1, 0, 1), repeat=3):
        around = list(product(*((0, side) if side else (0,) for side in face)))
        rows.append((_bits(around), 1 if sum(side == 0 for side in face) % 2 == 0 else -1))
    return np.array(rows, dtype=np.int32)


_REMOVABLE = _removable()
_TOUCHING = _touching()
_FACES = _faces()
_STEPS_ARRAY = np.array(_STEPS, dtype=np.int64)
_SIDES_ARRAY = np.array(_SIDES, dtype=np.int64)
_RING_ARRAY = np.array(_RING, dtype=np.int64)


def skeleton(mask: Mask) -> Mask:
    """The mask thinned to lines of one voxel: (x, y) or (x, y, z) bool, the same shape out.

    Equals skimage.morphology.skeletonize with its defaults on masks of every shape.
    """
    around = np.zeros([size + 2 for size in mask.shape], dtype=np.uint8)
    inner = (slice(1, -1),) * mask.ndim
    around[inner] = mask
    if mask.ndim == 2:
        _thin_picture(around, _REMOVABLE, _RING_ARRAY)
    else:
        # scikit-image takes a single layer for a picture: nothing goes from above or below
        sides = _SIDES_ARRAY if mask.shape[0] > 1 else _SIDES_ARRAY[:4]
        _thin_volume(around, _STEPS_ARRAY, sides, _TOUCHING, _FACES)
    return around[inner].astype(np.bool_)


@njit("(u1[:,::1],u1[::1],i8[:,::1])", cache=True, nogil=True)
def _thin_picture(picture: Any, removable: Any, ring: Any) -> None:
    """In place; one pixel of background all around. Both half-passes decide by the picture before they began."""
    columns = picture.shape[1]
    flat = picture.reshape(-1)
    steps = ring[:, 0] * columns + ring[:, 1]
    left = np.flatnonzero(flat)
    changed = True
    while changed:
        changed = False
        for half in (1, 2):
            gone = np.zeros(left.size, dtype=np.bool_)
            for place in range(left.size):
                around = np.int64(0)
                for bit in range(8):
                    around |= flat[left[place] + steps[bit]] << bit
                gone[place] = removable[around] & half != 0
            for place in range(left.size):
                if gone[place]:
                    flat[left[place]] = 0
                    changed = True
            left = left[~gone]


@njit(inline="always")
def _neighbourhood(flat: Any, voxel: Any, steps: Any) -> Any:
    around = np.int64(0)
    for bit in range(26):
        around |= np.int64(flat[voxel + steps[bit]]) << bit
    return around


@njit(inline="always")
def _one_piece(around: Any, touching: Any) -> bool:
    """Whether the neighbours hang together without the voxel itself; none at all do."""
    reached = around & -around
    rest = around ^ reached
    grown = True
    while grown and rest:
        grown = False
        for bit in range(26):
            if rest >> bit & 1 and touching[bit] & reached:
                reached |= 1 << bit
                rest ^= 1 << bit
                grown = True
    return bool(rest == 0)


@njit(inline="always")
def _keeps_euler(around: Any, faces: Any) -> bool:
    """Whether the Euler characteristic of the closed cubes stays the same without the voxel: its own faces go with it."""
    change = 0
    for face in range(27):
        if around & faces[face, 0] == 0:
            change += faces[face, 1]
    return bool(change == 0)


@njit(inline="always")
def _verdict(around: Any, touching: Any, faces: Any) -> int:
    """2 where the voxel may go: not the end of a line, which has one neighbour, and nothing hangs on it."""
    if around & (around - 1) == 0 and around != 0:
        return 1
    return 2 if _keeps_euler(around, faces) and _one_piece(around, touching) else 1


@njit("(u1[:,:,::1],i8[:,::1],i8[:,::1],i4[::1],i4[:,::1])", cache=True, nogil=True)
def _thin_volume(volume: Any, neighbours: Any, sides: Any, touching: Any, faces: Any) -> None:
    """In place; one voxel of background all around. A sub-pass from each side, again until none of them takes a voxel."""
    _, rows, columns = volume.shape
    flat = volume.reshape(-1)
    strides = np.array([rows * columns, columns, 1])
    steps = (neighbours * strides).sum(axis=1)
    looks = (sides * strides).sum(axis=1)
    left = np.flatnonzero(flat)
    candidates = np.empty(left.size, dtype=np.int64)
    # of each voxel, until a neighbour goes: 0 not looked at, 1 stays, 2 may go
    verdicts = np.zeros(flat.size, dtype=np.uint8)
    quiet = 0
    while quiet < looks.size:
        quiet = 0
        for side in range(looks.size):
            count = 0
            for voxel in left:
                if flat[voxel + looks[side]] or verdicts[voxel] == 1:
                    continue
                if verdicts[voxel] == 0:
                    verdicts[voxel] = _verdict(_neighbourhood(flat, voxel, steps), touching, faces)
                if verdicts[voxel] == 2:
                    candidates[count] = voxel
                    count += 1
            taken = 0
            # one after the other: two that may go singly need not both
            for place in range(count):
                voxel = candidates[place]
                if _one_piece(_neighbourhood(flat, voxel, steps), touching):
                    flat[voxel] = 0
                    taken += 1
                    for step in steps:
                        verdicts[voxel + step] = 0
            if taken:
                left = left[flat[left] != 0]
            else:
                quiet += 1
