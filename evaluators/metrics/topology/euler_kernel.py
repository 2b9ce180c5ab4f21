"""The Euler characteristic of a mask whose voxels are the vertices of its cubes, compiled: one pass, counting runs along z."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit("i8(u1[:,:,::1])", cache=True, nogil=True)
def count_cells(mask: Any) -> Any:
    """Vertices - edges + squares - cubes of the cubes whose corners are all ones: (x, y, z) of 0 and 1 -> whole number.

    Along z, vertices - edges is the number of runs; so the sum is runs(a) - runs(a&b) - runs(a&c) + runs(a&b&c&d) over
    every row a, its neighbours b in x and c in y, and the row d across.
    """
    sizes, rows, columns = mask.shape
    nothing = np.zeros(columns, dtype=np.uint8)
    total = np.int64(0)
    for x in range(sizes):
        for y in range(rows):
            a = mask[x, y]
            b = mask[x + 1, y] if x + 1 < sizes else nothing
            c = mask[x, y + 1] if y + 1 < rows else nothing
            d = mask[x + 1, y + 1] if x + 1 < sizes and y + 1 < rows else nothing
            if columns > 0:
                total += np.int64(a[0]) - (a[0] & b[0]) - (a[0] & c[0]) + (a[0] & b[0] & c[0] & d[0])
            more = np.uint32(0)
            fewer = np.uint32(0)
            for z in range(1, columns):
                starts = a[z] & (a[z - 1] ^ 1)
                ab, ab_before = a[z] & b[z], a[z - 1] & b[z - 1]
                ac, ac_before = a[z] & c[z], a[z - 1] & c[z - 1]
                abcd, abcd_before = ab & c[z] & d[z], ab_before & c[z - 1] & d[z - 1]
                more += np.uint8(starts + (abcd & (abcd_before ^ 1)))
                fewer += np.uint8((ab & (ab_before ^ 1)) + (ac & (ac_before ^ 1)))
            total += np.int64(more) - np.int64(fewer)
    return total
