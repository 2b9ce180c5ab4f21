"""The distance within which a share of a surface's area lies, as surface-distance computes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: below, sorting all is as fast
_FEW = 4096
_BINS = 4096
#: shares that are summed in another order differ by less
_ROUNDING = 1e-9


def area_percentile(distances: Values, areas: Values, *, share: float) -> float:
    """The first distance, from the smallest on, within which `share` (0 to 1) of the area lies; not interpolated.

    distances, areas: (piece,), one or more pieces, finite.
    """
    found = _by_bins(distances, areas, share=share) if distances.size > _FEW else None
    return _by_sorting(distances, areas, share=share) if found is None else found


def _by_sorting(distances: Values, areas: Values, *, share: float) -> float:
    # in the peer's order: where a share is met exactly, the rounding of its sum decides
    order = np.lexsort((areas, distances))
    rising = areas[order]
    reached = np.cumsum(rising) / np.sum(rising)
    place = int(np.searchsorted(reached, share))
    return float(distances[order[min(place, order.size - 1)]])


def _by_bins(distances: Values, areas: Values, *, share: float) -> float | None:
    """The same from one bin of distances alone; None where rounding could decide."""
    longest = distances.max()
    if longest == 0:
        return 0.0
    bins = np.minimum(distances * (_BINS / longest), _BINS - 1).astype(np.int32)
    reached = np.cumsum(np.bincount(bins, weights=areas, minlength=_BINS))
    whole = reached[-1]
    chosen = int(np.searchsorted(reached, share * whole))
    inside = np.flatnonzero(bins == chosen)
    order = inside[np.argsort(distances[inside])]
    before = reached[chosen - 1] if chosen else 0.0
    steps = np.concatenate([[before], before + np.cumsum(areas[order])]) / whole
    if np.abs(steps - share).min() < _ROUNDING:
        return None
    return float(distances[order[np.searchsorted(steps, share) - 1]])
