"""Two volumes of values, and where given the region that counts: (prediction, reference, region=None) to one number a case."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.volume.angerr import angerr
from evaluators.metrics.volume.map_relative_error import map_relative_error
from evaluators.metrics.volume.map_rmse import map_rmse
from evaluators.metrics.volume.nrmse import nrmse
from evaluators.metrics.volume.relerr import relerr
from evaluators.metrics.volume.ssim3d import ssim3d

__all__ = ["angerr", "example", "map_relative_error", "map_rmse", "nrmse", "relerr", "ssim3d"]


def example() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Arguments that every metric of the family accepts."""
    values = np.linspace(1, 2, 3 * 6**3).reshape(3, 6, 6, 6)
    return values, values
