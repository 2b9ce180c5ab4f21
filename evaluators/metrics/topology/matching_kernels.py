"""Which features of two masks meet in their union, compiled: union-find over cells for pieces and for what walls enclose.

Cells and their bits are laid out as cells.py says.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_BOTH, _UNION, _EXISTS = 3, 4, 8


@njit(inline="always")
def find(parent: Any, point: int) -> int:
    while parent[point] != point:
        parent[point] = parent[parent[point]]
        point = parent[point]
    return point


@njit("UniTuple(i8,2)(u1[::1],u1[::1],i8,i8)", cache=True, nogil=True)
def match_pieces(vertices: Any, edges: Any, stride_x: Any, stride_y: Any) -> Any:
    """(pieces matched besides the oldest ones, pieces of the union that hold voxels of both masks).

    The union's pieces grow together along the edges outside it, one by one; where two heaps meet and both hold prediction
    and reference, a piece of each mask ends, and these are matched.
    """
    points = vertices.size
    parent = np.arange(points, dtype=np.int32)
    holds = vertices & np.uint8(_BOTH)
    steps = (stride_x, stride_y, 1)
    for inside in (True, False):
        matched = 0
        for point in range(points):
            for axis in range(3):
                edge = edges[3 * point + axis]
                if edge & _EXISTS == 0 or (edge & _UNION != 0) != inside:
                    continue
                first = find(parent, point)
                second = find(parent, point + steps[axis])
                if first == second:
                    continue
                if holds[first] & holds[second] == _BOTH:
                    matched += 1
                parent[second] = first
                holds[first] |= holds[second]
        if inside:
            meeting = 0
            for point in range(points):
                if parent[point] == point and holds[point] == _BOTH:
                    meeting += 1
    return matched, meeting


@njit(inline="always")
def sides(rooms: Any, point: int, stride: int, parent: Any) -> Any:
    """The roots of the rooms on both sides of a wall; beyond the box is the outside."""
    outside = rooms.size
    before = point - stride
    first = find(parent, point if rooms[point] & _EXISTS else outside)
    second = find(parent, before if before >= 0 and rooms[before] & _EXISTS else outside)
    return first, second


@njit("i4[::1](u1[::1],u1[::1],i8[::1],u1)", cache=True, nogil=True)
def find_rooms(rooms: Any, walls: Any, strides: Any, mask: Any) -> Any:
    """For each top cell the last cell of the room that it lies in; the number of cells stands for the outside.

    rooms: top cells. walls: cells of one dimension less, strides.size to a point; wall t parts a room from the one strides[t]
    before it, a negative stride is no wall of that kind. A wall stands where it holds any bit of `mask`.
    """
    points = rooms.size
    kinds = strides.size
    parent = np.arange(points + 1, dtype=np.int32)
    for point in range(points):
        for kind in range(kinds):
            wall = walls[kinds * point + kind]
            if strides[kind] < 0 or wall & _EXISTS == 0 or wall & mask != 0:
                continue
            first, second = sides(rooms, point, strides[kind], parent)
            if first != second:
                parent[min(first, second)] = max(first, second)
    for point in range(points):
        parent[point] = find(parent, point)
    return parent


@njit("i8(u1[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def match_rooms(rooms: Any, of_union: Any, of_prediction: Any, of_reference: Any) -> Any:
    """Cavities matched: every cavity of a mask keeps the last of the union's rooms in it; one kept by both is a match."""
    outside = rooms.size
    kept_by_prediction = np.full(outside + 1, -1, dtype=np.int32)
    kept_by_reference = np.full(outside + 1, -1, dtype=np.int32)
    for room in range(outside):
        if of_union[room] == room and rooms[room] & (_EXISTS | _UNION) == _EXISTS:
            kept_by_prediction[of_prediction[room]] = room
            kept_by_reference[of_reference[room]] = room
    matched = 0
    for cavity in range(outside):
        room = kept_by_prediction[cavity]
        if room >= 0 and of_reference[room] != outside and kept_by_reference[of_reference[room]] == room:
            matched += 1
    return matched
