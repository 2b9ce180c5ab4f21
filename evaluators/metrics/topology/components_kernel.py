"""How many connected components a mask and its background have, compiled: runs along z, joined with those of nearby rows.

Not cc3d: its 4.1.1 raises on some masks of one voxel's breadth under 26 neighbours, and a mask comes from a container.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from evaluators.metrics.topology.matching_kernels import find


@njit(inline="always")
def _join_rows(starts: Any, ends: Any, parent: Any, line: Any, reach: Any) -> Any:
    """Join the runs of two rows, line[:2] and line[2:], that meet; how many joins were new. Roots are the first runs."""
    one, last_one, other, last_other = line
    joins = 0
    while one < last_one and other < last_other:
        if starts[one] < ends[other] + reach and starts[other] < ends[one] + reach and parent[one] != parent[other]:
            first, second = find(parent, one), find(parent, other)
            if first != second:
                parent[max(first, second)] = min(first, second)
                joins += 1
        if ends[one] < ends[other]:
            one += 1
        else:
            other += 1
    return joins


@njit("i8(i4[::1],i4[::1],i4[::1],i8,i8)", cache=True, nogil=True)
def count_components(starts: Any, ends: Any, offsets: Any, rows: Any, reach: Any) -> Any:
    """Components of runs [start, end): those of row r, `rows` of them to a plane, are offsets[r] to offsets[r + 1].

    reach: 0 joins voxels that share a side, 1 also those that share an edge or a corner.
    """
    parent = np.arange(starts.size, dtype=np.int32)
    pieces = starts.size
    for row in range(offsets.size - 1):
        run, end = offsets[row], offsets[row + 1]
        if run == end:
            continue
        column = row % rows
        if column > 0:
            pieces -= _join_rows(starts, ends, parent, (run, end, offsets[row - 1], run), reach)
        if row >= rows:
            for step in range(-min(reach, column), min(reach, rows - 1 - column) + 1):
                before = row - rows + step
                pieces -= _join_rows(starts, ends, parent, (run, end, offsets[before], offsets[before + 1]), reach)
    return pieces
