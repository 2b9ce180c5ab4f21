"""The smallest box that holds two masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def crop_together(first: Mask, second: Mask) -> tuple[Mask, Mask]:
    """Views of both masks, cut to the box that holds either; two empty arrays where both are empty."""
    together = first | second
    box = []
    for axis in range(together.ndim):
        others = tuple(other for other in range(together.ndim) if other != axis)
        places = np.flatnonzero(together.any(axis=others))
        box.append(slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0))
    return first[tuple(box)], second[tuple(box)]
