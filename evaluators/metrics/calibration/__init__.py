"""Stated probabilities against what came true: (probabilities, outcomes) to one number a dataset."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.calibration import aurc, brier, ece

__all__ = ["aurc", "brier", "ece", "example"]


def example() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Arguments that every metric of the family accepts."""
    return np.linspace(0, 1, 8), np.arange(8) % 2
