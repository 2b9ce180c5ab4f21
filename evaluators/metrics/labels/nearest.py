"""Distances in mm between marked points of a lattice: exact, each as the square root of a sum along x, y and z in this order."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.labels.nearest_kernel import nearest, reach_along_x

Lattice = NDArray[np.bool_]
Distances = NDArray[np.float64]

#: rows that a point may look at before a distance transform answers: it is faster beyond some 25 voxels
_LOOKS = 2048


def distances_between(
    first: Lattice, second: Lattice, *, spacing: tuple[float, ...], looks: int = _LOOKS
) -> tuple[Distances, Distances]:
    """From each marked point of one lattice to the nearest of the other, both ways, in mm.

    first, second: (x, y) or (x, y, z) bool, the same shape. spacing: mm, one number an axis. looks: rows that a point may
    look at by itself; the result is the same for any.
    Returns the distances of the marked points, the last axis fastest; infinite where the other lattice has none.
    """
    return (
        _distances(first, second, spacing=spacing, looks=looks),
        _distances(second, first, spacing=spacing, looks=looks),
    )


def _distances(points: Lattice, marked: Lattice, *, spacing: tuple[float, ...], looks: int) -> Distances:
    # a picture is a volume of one layer; its spacing there plays no part
    sizes = (*marked.shape, 1)[:3]
    steps_mm = (*(float(step) for step in spacing), 1.0)[:3]
    queries = np.flatnonzero(points)
    squares = tuple((np.arange(size + 1) * step) ** 2 for size, step in zip(sizes, steps_mm, strict=True))
    squares[0][-1] = np.inf
    tour = _tour(sizes[1:], steps_mm[1:], looks=looks)
    reach = reach_along_x(np.ascontiguousarray(marked).reshape(sizes))
    found: Distances = nearest(queries, reach, squares, np.array(steps_mm), tour)
    return found


@lru_cache(maxsize=64)
def _tour(sizes: tuple[int, ...], spacing: tuple[float, ...], *, looks: int) -> tuple[NDArray[np.int64], Distances]:
    """Steps within a plane, nearest first, and their mm^2, then the mm^2 that every other step has at least."""
    # an ellipse that holds about as many steps as may be looked at
    radius = np.sqrt(looks * spacing[0] * spacing[1] / np.pi)
    ends = [min(size - 1, int(radius / step)) for size, step in zip(sizes, spacing, strict=True)]
    grid = np.mgrid[tuple(slice(-end, end + 1) for end in ends)].reshape(2, -1).T
    squares = (np.abs(grid) * np.array(spacing)) ** 2
    edges = squares.sum(axis=1)
    beyond = [((end + 1) * step) ** 2 for end, size, step in zip(ends, sizes, spacing, strict=True) if end < size - 1]
    horizon = min(beyond, default=np.inf)
    order = np.argsort(edges, kind="stable")
    order = order[edges[order] < horizon][:looks]
    left = np.delete(edges, order)
    return np.ascontiguousarray(grid[order]), np.append(edges[order], min(horizon, left.min(initial=np.inf)))
