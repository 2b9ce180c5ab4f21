"""The SSIM loop, compiled: one pass over each picture, every window summed afresh in float64.

Windows are summed, never updated by adding one line and subtracting another: a running sum keeps the rounding error of the
largest value that ever passed, and what a container wrote may hold any value. Partial sums of 2 and 4 make it as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

WINDOW = 7
_C1 = 0.01**2
_C2 = 0.03**2
_PIXELS = WINDOW * WINDOW
_SAMPLE = _PIXELS / (_PIXELS - 1)


@njit(inline="always")
def _sum_rows(ring: Any, sums: Any, quantity: int, columns: int) -> None:
    for column in range(columns):
        sums[column] = (
            (ring[quantity, 0, column] + ring[quantity, 1, column])
            + (ring[quantity, 2, column] + ring[quantity, 3, column])
            + (ring[quantity, 4, column] + ring[quantity, 5, column])
            + ring[quantity, 6, column]
        )


@njit(inline="always")
def _sum_columns(sums: Any, pairs: Any, windows: Any, quantity: int, columns: int) -> None:
    for column in range(columns - 1):
        pairs[column] = sums[column] + sums[column + 1]
    for column in range(columns - 6):
        windows[quantity, column] = (
            (pairs[column] + pairs[column + 2]) + pairs[column + 4] + sums[column + 6]
        ) / _PIXELS


@njit("f8[::1](f8[:,:,::1],f8[:,:,::1])", cache=True, nogil=True, error_model="numpy")
def mean_ssim(prediction: Any, reference: Any) -> Any:
    """Mean SSIM of each picture: two (picture, y, x) float64 arrays, sides >= 7 -> (picture,)."""
    pictures, rows, columns = reference.shape
    inside = columns - WINDOW + 1
    # p, r, pp, rr, pr of the last seven rows
    ring = np.zeros((5, WINDOW, columns))
    sums = np.zeros(columns)
    pairs = np.zeros(columns)
    means = np.zeros((5, inside))
    scores = np.zeros(pictures)
    for picture in range(pictures):
        total = 0.0
        for row in range(rows):
            slot = row % WINDOW
            for column in range(columns):
                p = prediction[picture, row, column]
                r = reference[picture, row, column]
                ring[0, slot, column] = p
                ring[1, slot, column] = r
                ring[2, slot, column] = p * p
                ring[3, slot, column] = r * r
                ring[4, slot, column] = p * r
            if row < WINDOW - 1:
                continue
            for quantity in range(5):
                _sum_rows(ring, sums, quantity, columns)
                _sum_columns(sums, pairs, means, quantity, columns)
            line = 0.0
            for column in range(inside):
                mp = means[0, column]
                mr = means[1, column]
                # rounding can push a variance below zero, never the true one: the divisor stays >= C2
                vp = max(0.0, _SAMPLE * (means[2, column] - mp * mp))
                vr = max(0.0, _SAMPLE * (means[3, column] - mr * mr))
                covariance = _SAMPLE * (means[4, column] - mp * mr)
                # two quotients, not one: their products could overflow
                luminance = (2 * mp * mr + _C1) / (mp * mp + mr * mr + _C1)
                structure = (2 * covariance + _C2) / (vp + vr + _C2)
                line += luminance * structure
            total += line
        scores[picture] = total / ((rows - WINDOW + 1) * inside)
    return scores
