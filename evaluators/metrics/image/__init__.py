"""Two volumes of intensities: (prediction, reference), both (x, y, ...), to one number a picture (...)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.image import nmse, psnr, ssim

__all__ = ["example", "nmse", "psnr", "ssim"]


def example() -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Arguments that every metric of the family accepts."""
    picture = np.linspace(0, 1, 12**4, dtype=np.float32).reshape(12, 12, 12, 12)
    return picture, picture
