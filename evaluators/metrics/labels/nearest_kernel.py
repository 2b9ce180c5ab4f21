"""How far each point of a lattice is from the nearest marked one, compiled: exact, in time that no arrangement can blow up.

Distances along x come first, for every point. A query then looks at its plane, nearest rows first, and stops where no
further row can be nearer: a few looks for surfaces that are close. Where a plane has cost as many looks as a whole distance
transform of it, the transform (Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019) answers the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: looks a point of the plane; a transform costs about as much
_PATIENCE = 8


@njit("i4[:,:,::1](b1[:,:,::1])", cache=True, nogil=True)
def reach_along_x(marked: Any) -> Any:
    """Steps along x to the nearest marked point, shape[0] where the line has none: (x, y, z) -> (x, y, z)."""
    size, rows, columns = marked.shape
    plane = rows * columns
    flat = marked.reshape((size, plane))
    reach = np.empty((size, plane), dtype=np.int32)
    far = np.int32(size)
    for x in range(size):
        for at in range(plane):
            before = reach[x - 1, at] + np.int32(1) if x > 0 else far
            reach[x, at] = np.int32(0) if flat[x, at] else min(before, far)
    for x in range(size - 2, -1, -1):
        for at in range(plane):
            reach[x, at] = min(reach[x, at], reach[x + 1, at] + np.int32(1))
    return reach.reshape((size, rows, columns))


@njit(inline="always")
def _lowest(line: Any, squares: Any, step: Any, scratch: Any, out: Any) -> None:
    """out[i] = min over j of line[j] + squares[|i - j|], the lower envelope of parabolas; infinite ones have no part."""
    homes, starts = scratch
    count = 0
    for at in range(line.size):
        if line[at] == np.inf:
            continue
        start = -np.inf
        while count > 0:
            home = homes[count - 1]
            start = (line[at] - line[home]) / (2 * step * step * (at - home)) + 0.5 * (at + home)
            if start > starts[count - 1]:
                break
            count -= 1
            start = -np.inf
        homes[count] = at
        starts[count] = start
        count += 1
    current = 0
    for at in range(line.size):
        if count == 0:
            out[at] = np.inf
            continue
        while current + 1 < count and starts[current + 1] < at:
            current += 1
        home = homes[current]
        out[at] = line[home] + squares[abs(at - home)]


@njit(inline="always")
def _look_around(reach: Any, squares: Any, tour: Any, y: Any, z: Any) -> Any:
    """(squared distance, looks, whether nothing beyond the tour can be nearer)."""
    steps, edges = tour
    rows, columns = reach.shape
    best = squares[0][reach[y, z]]
    for look in range(1, len(steps)):
        if edges[look] >= best:
            return best, look, True
        row, column = y + steps[look, 0], z + steps[look, 1]
        if 0 <= row < rows and 0 <= column < columns:
            found = squares[0][reach[row, column]] + squares[1][abs(steps[look, 0])] + squares[2][abs(steps[look, 1])]
            best = min(best, found)
    return best, len(steps), edges[len(steps)] >= best


@njit(
    "f8[::1](i8[::1],i4[:,:,::1],Tuple((f8[::1],f8[::1],f8[::1])),f8[::1],Tuple((i8[:,::1],f8[::1])))",
    cache=True,
    nogil=True,
    error_model="numpy",
)
def nearest(queries: Any, reach: Any, squares: Any, spacing: Any, tour: Any) -> Any:
    """mm from each query to the nearest marked point, infinite where there is none.

    queries: places in the flat lattice, rising. reach: of `reach_along_x`. squares: mm^2 of so many steps along each axis,
    the last one along x infinite. spacing: mm. tour: (step, 2) along y and z, nearest first, the first one (0, 0); and
    (step + 1,) the mm^2 of each, then of what lies beyond them all.
    """
    _, rows, columns = reach.shape
    plane = rows * columns
    distances = np.empty(queries.size)
    transformed = np.empty((rows, columns))
    column_in, column_out = np.empty(rows), np.empty(rows)
    row_out = np.empty(columns)
    scratch = (np.empty(max(rows, columns), dtype=np.int64), np.empty(max(rows, columns)))
    first = 0
    while first < queries.size:
        x = queries[first] // plane
        last = first
        looks = 0
        asked_again = 0
        while last < queries.size and queries[last] // plane == x:
            y, z = divmod(queries[last] - x * plane, columns)
            distances[last] = -1.0
            asked_again += 1
            if looks <= _PATIENCE * plane:
                squared, cost, final = _look_around(reach[x], squares, tour, y, z)
                looks += cost
                if final:
                    distances[last] = np.sqrt(squared)
                    asked_again -= 1
            last += 1
        if asked_again:
            for z in range(columns):
                for y in range(rows):
                    column_in[y] = squares[0][reach[x, y, z]]
                _lowest(column_in, squares[1], spacing[1], scratch, column_out)
                for y in range(rows):
                    transformed[y, z] = column_out[y]
            known = -1
            for query in range(first, last):
                if distances[query] >= 0:
                    continue
                y, z = divmod(queries[query] - x * plane, columns)
                if y != known:
                    _lowest(transformed[y], squares[2], spacing[2], scratch, row_out)
                    known = y
                distances[query] = np.sqrt(row_out[z])
        first = last
    return distances
