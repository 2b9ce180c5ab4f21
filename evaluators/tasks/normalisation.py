"""The intensity scale on which CMRxRecon 2023 compares images: every picture over its own maximum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating[Any]]

#: float32's smallest normal number: below it a file of single precision holds no signal
FAINTEST = float(np.finfo(np.float32).tiny)


def by_own_maximum(volume: Real) -> NDArray[np.float64]:
    """Each picture (x, y) divided by its own largest value, so that a global gain does not count.

    volume: (x, y, ...), real and finite, values within float32's range. Returns the same shape in float64 and MATLAB's
    memory order. Negative values are kept as they are. A picture whose maximum is not above FAINTEST (all zero, all
    negative) has no scale: it becomes all zero, where the challenge's own script divides by zero.
    """
    pictures = np.array(volume, dtype=np.float64, order="F")
    peak = pictures.max(axis=(0, 1), keepdims=True)
    pictures /= np.where(peak > FAINTEST, peak, np.inf)
    return pictures
