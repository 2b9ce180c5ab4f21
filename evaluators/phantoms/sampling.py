"""Which phase-encoding lines CMRxRecon 2023 keeps: uniform undersampling plus fully sampled central lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ACS_LINES = 24
# the real scans have 204 lines or more; a smaller matrix keeps the same share of them, 24 of 204 (8 lines at ny=72)
ACS_SHARE = 24 / 204


def acs_lines(*, ny: int) -> int:
    """How many central lines (autocalibration signal) are always sampled: even, 24 from 204 lines on."""
    return min(ACS_LINES, max(4, 2 * round(ny * ACS_SHARE / 2)))


def cartesian_mask(*, nx: int, ny: int, acceleration: int) -> NDArray[np.bool_]:
    """Sampled points (ky, kx): every acceleration-th line, the one through the centre among them, and the ACS lines.

    As in the 2023 set the factor is nominal: ACS lines are not counted, and the same mask serves all coils, slices, frames.
    """
    line = np.arange(ny) - ny // 2
    half = acs_lines(ny=ny) // 2
    kept = (line % acceleration == 0) | ((line >= -half) & (line < half))
    return np.repeat(kept[:, None], nx, axis=1)
