"""Several samples against several raters: (samples, raters) to one number a case."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.raters import d_max, dice_match, ged, soft_dice

__all__ = ["d_max", "dice_match", "example", "ged", "soft_dice"]


def example() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Arguments that every metric of the family accepts: three samples and two raters of 4 x 4 voxels."""
    samples = np.zeros((3, 4, 4), dtype=np.bool_)
    samples[:, 1:3, 1:] = True
    return samples, samples[:2, ::-1]
