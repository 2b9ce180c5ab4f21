"""Loops of a mask inside a volume that its union with another leaves open, compiled: column reduction over Z/2.

The union grows to the full box square by square. A square that fills a loop of the union fills one of the mask, too, when its
boundary, with those of earlier squares, can be had from edges of the mask alone: when its column, rows of the mask's edges
struck out, reduces to nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from evaluators.metrics.topology.matching_kernels import sides

_UNION, _EXISTS = 4, 8
_ODD, _QUEUED = 1, 2


@njit("i4[::1](u1[::1],u1[::1],i8[::1])", cache=True, nogil=True)
def filling_squares(cubes: Any, squares: Any, strides: Any) -> Any:
    """Squares that fill a loop when they come, in the order in which they come: those of the union, then the others.

    The others close a cavity: read backwards, they are the walls whose fall joins two rooms.
    """
    points = cubes.size
    parent = np.arange(points + 1, dtype=np.int32)
    fills = np.zeros(3 * points, dtype=np.uint8)
    count = 0
    for inside in (False, True):
        for square in range(3 * points - 1, -1, -1):
            if squares[square] & _EXISTS == 0 or (squares[square] & _UNION != 0) != inside:
                continue
            first, second = sides(cubes, square // 3, strides[square % 3], parent)
            if first == second:
                fills[square] = 1
                count += 1
            else:
                parent[first] = second
    order = np.empty(count, dtype=np.int32)
    place = 0
    for inside in (True, False):
        for square in range(3 * points):
            if fills[square] and (squares[square] & _UNION != 0) == inside:
                order[place] = square
                place += 1
    return order


@njit(inline="always")
def _flip(row: int, marks: Any, heap: Any) -> Any:
    """Add a row to the working column; a row that comes twice is gone, but stays in the heap until it is on top."""
    marks[row] ^= _ODD
    if marks[row] & _QUEUED:
        return heap
    marks[row] |= _QUEUED
    place = heap[0] + 1
    if place == heap.size:
        heap = np.concatenate((heap, np.empty_like(heap)))
    heap[0] = place
    while place > 1 and heap[place // 2] < row:
        heap[place] = heap[place // 2]
        place //= 2
    heap[place] = row
    return heap


@njit(inline="always")
def _flip_boundary(square: int, kept: Any, strides: Any, marks: Any, heap: Any) -> Any:
    """Add the edges round a square, those alone that are rows."""
    point, kind = square // 3, square % 3
    one, other = (1 if kind == 0 else 0), (1 if kind == 2 else 2)
    along_one, along_other = (strides[1] if kind == 0 else strides[0]), (strides[1] if kind == 2 else 1)
    for row in (3 * point + one, 3 * point + other, 3 * (point + along_one) + other, 3 * (point + along_other) + one):
        if kept[row]:
            heap = _flip(row, marks, heap)
    return heap


@njit(inline="always")
def _pivot(marks: Any, heap: Any) -> int:
    """The last row of the working column, -1 where it has none."""
    while heap[0] > 0 and marks[heap[1]] & _ODD == 0:
        marks[heap[1]] = 0
        size = heap[0]
        last = heap[size]
        heap[0] = size - 1
        place, child = 1, 2
        while child < size:
            if child + 1 < size and heap[child + 1] > heap[child]:
                child += 1
            if heap[child] <= last:
                break
            heap[place] = heap[child]
            place, child = child, 2 * child
        heap[place] = last
    return heap[1] if heap[0] > 0 else -1


@njit(inline="always")
def _store(heap: Any, marks: Any, content: Any, end: int) -> Any:
    """Write the working column behind `end`; the array, longer where needed, and the new end."""
    while end + heap[0] > content.size:
        content = np.concatenate((content, np.empty_like(content)))
    for place in range(1, heap[0] + 1):
        if marks[heap[place]] & _ODD:
            content[end] = heap[place]
            end += 1
    return content, end


@njit("Tuple((i4[::1],i8))(i4[::1],u1[::1],u1[::1],i8[::1],i8)", cache=True, nogil=True)
def loops_filled(order: Any, late: Any, kept: Any, strides: Any, most: Any) -> Any:
    """(squares outside the union that fill a loop of the mask, steps taken); more than `most` steps: given up half-way.

    order: from filling_squares. late: squares outside the union. kept: edges outside the mask, the rows. A step is one row
    added to a column.
    """
    marks = np.zeros(kept.size, dtype=np.uint8)
    heap = np.zeros(1024, dtype=np.int32)
    # by pivot row: -1 none, else the square itself where its own boundary is reduced, else -2 - place among the stored
    owner = np.full(kept.size, -1, dtype=np.int32)
    starts = np.zeros(1024, dtype=np.int64)
    stored = 0
    content = np.empty(4096, dtype=np.int32)
    found = np.zeros(order.size, dtype=np.bool_)
    steps = 0
    for column in range(order.size):
        square = order[column]
        heap = _flip_boundary(square, kept, strides, marks, heap)
        plain = True
        pivot = _pivot(marks, heap)
        while pivot >= 0 and owner[pivot] != -1 and steps <= most:
            plain = False
            if owner[pivot] >= 0:
                steps += 4
                heap = _flip_boundary(owner[pivot], kept, strides, marks, heap)
            else:
                begin, end = starts[-2 - owner[pivot]], starts[-1 - owner[pivot]]
                steps += end - begin
                for place in range(begin, end):
                    heap = _flip(content[place], marks, heap)
            pivot = _pivot(marks, heap)
        if steps > most:
            break
        if pivot < 0:
            found[column] = late[square]
        elif plain:
            owner[pivot] = square
        else:
            owner[pivot] = -2 - stored
            content, end = _store(heap, marks, content, starts[stored])
            stored += 1
            if stored == starts.size:
                starts = np.concatenate((starts, np.zeros_like(starts)))
            starts[stored] = end
        for place in range(1, heap[0] + 1):
            marks[heap[place]] = 0
        heap[0] = 0
    return order[found], steps
