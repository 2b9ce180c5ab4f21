"""The one loop over two stacks of pictures, compiled: SSIM, squared error and energy, every window summed afresh in float64.

Windows are summed, never updated by adding one line and subtracting another: a running sum keeps the rounding error of the
largest value that ever passed, and what a container wrote may hold any value. Sums in pairs make it as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types

WINDOW = 7
_C1 = 0.01**2
_C2 = 0.03**2
_PIXELS = WINDOW * WINDOW
_SAMPLE = _PIXELS / (_PIXELS - 1)

_SIGNATURES = [
    types.float64[:, ::1](pictures, pictures, types.float64[:, :, ::1], types.boolean[::1], types.boolean)
    for pictures in (types.Array(width, 3, "C", readonly=True) for width in (types.float32, types.float64))
]


@njit(inline="always")
def _read(line: Any, scaled: Any, scale: Any, magnitude: bool) -> None:
    offset, divisor = scale[0], scale[1]
    if magnitude:
        for column in range(line.shape[0]):
            scaled[column] = (abs(np.float64(line[column])) - offset) / divisor
    else:
        for column in range(line.shape[0]):
            scaled[column] = (np.float64(line[column]) - offset) / divisor


@njit(inline="always")
def _sum_rows(prediction: Any, reference: Any, sums: Any) -> None:
    """Down the seven rows that the rings hold, in whatever slot each lies: p, r, p^2 + r^2 and p r."""
    for column in range(prediction.shape[1]):
        p0, r0 = prediction[0, column], reference[0, column]
        p1, r1 = prediction[1, column], reference[1, column]
        p2, r2 = prediction[2, column], reference[2, column]
        p3, r3 = prediction[3, column], reference[3, column]
        p4, r4 = prediction[4, column], reference[4, column]
        p5, r5 = prediction[5, column], reference[5, column]
        p6, r6 = prediction[6, column], reference[6, column]
        sums[0, column] = ((p0 + p1) + (p2 + p3)) + ((p4 + p5) + p6)
        sums[1, column] = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + r6)
        sums[2, column] = (
            ((p0 * p0 + r0 * r0) + (p1 * p1 + r1 * r1)) + ((p2 * p2 + r2 * r2) + (p3 * p3 + r3 * r3))
        ) + (((p4 * p4 + r4 * r4) + (p5 * p5 + r5 * r5)) + (p6 * p6 + r6 * r6))
        sums[3, column] = ((p0 * r0 + p1 * r1) + (p2 * r2 + p3 * r3)) + ((p4 * r4 + p5 * r5) + p6 * r6)


@njit(inline="always")
def _mean(sums: Any, quantity: int, column: int) -> Any:
    return (
        (
            (sums[quantity, column] + sums[quantity, column + 1])
            + (sums[quantity, column + 2] + sums[quantity, column + 3])
        )
        + ((sums[quantity, column + 4] + sums[quantity, column + 5]) + sums[quantity, column + 6])
    ) / _PIXELS


@njit(_SIGNATURES, cache=True, nogil=True, error_model="numpy")
def sums(prediction: Any, reference: Any, scales: Any, magnitudes: Any, windows: bool) -> Any:
    """Two (picture, y, x) arrays, float32 or float64 -> (3, picture): mean SSIM, sum of squared errors, of the reference's squares.

    scales: (volume, 2, picture), float64, the prediction's first: what is subtracted, then what is divided by. magnitudes:
    (volume,) bool, absolute values are taken before. windows: SSIM is wanted, and sides are 7 or more; else it is 0.
    """
    pictures, rows, columns = reference.shape
    inside = columns - WINDOW + 1
    p_ring, r_ring = np.zeros((WINDOW, columns)), np.zeros((WINDOW, columns))
    line_sums = np.zeros((4, columns))
    # a sum a column: the rounding error grows with one side, not with the area, and columns go side by side
    totals = np.zeros((3, columns))
    found = np.zeros((3, pictures))
    for picture in range(pictures):
        totals[:] = 0.0
        for row in range(rows):
            slot = row % WINDOW
            _read(prediction[picture, row], p_ring[slot], scales[0, :, picture], magnitudes[0])
            _read(reference[picture, row], r_ring[slot], scales[1, :, picture], magnitudes[1])
            for column in range(columns):
                error = p_ring[slot, column] - r_ring[slot, column]
                totals[1, column] += error * error
                totals[2, column] += r_ring[slot, column] * r_ring[slot, column]
            if not windows or row < WINDOW - 1:
                continue
            _sum_rows(p_ring, r_ring, line_sums)
            for column in range(inside):
                mp, mr = _mean(line_sums, 0, column), _mean(line_sums, 1, column)
                squares = mp * mp + mr * mr
                # rounding can break what holds of the true moments: no variance below zero, so that the divisor stays >= C2,
                # and no covariance beyond the variances
                variances = max(0.0, _SAMPLE * (_mean(line_sums, 2, column) - squares))
                covariance = _SAMPLE * (_mean(line_sums, 3, column) - mp * mr)
                # two quotients, not one: their products could overflow
                luminance = (2 * mp * mr + _C1) / (squares + _C1)
                structure = min(1.0, max(-1.0, (2 * covariance + _C2) / (variances + _C2)))
                totals[0, column] += luminance * structure
        if windows:
            found[0, picture] = totals[0, :inside].sum() / ((rows - WINDOW + 1) * inside)
        found[1, picture] = totals[1].sum()
        found[2, picture] = totals[2].sum()
    return found
