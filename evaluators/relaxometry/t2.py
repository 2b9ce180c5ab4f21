"""T2 (and T2*) of every pixel: one exponential through its echoes."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any, NamedTuple

import numpy as np
from numba import njit, types

from evaluators.relaxometry.series import CLOSE, FOUND, PIXELS, STEPS, Numbers, Real, fit_pixels

_LINE = types.float64[::1]


class T2Maps(NamedTuple):
    """Each (x, y, ...), float64."""

    #: ms; 0 where there is no signal
    t2: Numbers
    #: signal at time 0, in the series' own unit
    s0: Numbers


def fit_t2(signal: Real, times: Sequence[float], *, shortest: float = 1.0, longest: float = 2000.0) -> T2Maps:
    """Least squares of S0 exp(-t / T2), S0 >= 0, to every pixel.

    signal: (x, y, ..., time), real, any unit; times: ms, two or more different ones, in any order. T2 lies within
    [shortest, longest] ms: a signal that does not fall gets the longest. A pixel whose echoes sum up to no positive signal
    gets T2 0 and S0 0. Raises BadSeries.
    """
    return T2Maps(*fit_pixels(signal, times, fewest=2, bounds=(shortest, longest), parameters=2, fit=_fit))


@njit([types.void(pixels, _LINE, _LINE, FOUND) for pixels in PIXELS], cache=True, nogil=True, error_model="numpy")
def _fit(pixels: Any, times: Any, places: Any, found: Any) -> None:
    """Coarse search over `places`, then Gauss-Newton steps between the best one's neighbours."""
    count, echoes = len(places), len(times)
    decays = np.empty((count, echoes))
    norms = np.empty(count)
    for place in range(count):
        for echo in range(echoes):
            decays[place, echo] = exp(-times[echo] / places[place])
        norms[place] = np.sqrt((decays[place] ** 2).sum())
    y, e = np.empty(echoes), np.empty(echoes)
    for pixel in range(pixels.shape[0]):
        for echo in range(echoes):
            y[echo] = pixels[pixel, echo]
        best, explained = -1, 0.0
        for place in range(count):
            dot = 0.0
            for echo in range(echoes):
                dot += decays[place, echo] * y[echo]
            # norm 0: the time is so short that nothing is left at the first echo
            if norms[place] > 0 and dot / norms[place] > explained:
                best, explained = place, dot / norms[place]
        if best < 0:
            continue
        low, high = places[max(0, best - 1)], places[min(count - 1, best + 1)]
        t2 = places[best]
        s0 = 0.0
        for step in range(STEPS + 1):
            ee, ey, ed, dd, dy = 0.0, 0.0, 0.0, 0.0, 0.0
            for echo in range(echoes):
                e[echo] = exp(-times[echo] / t2)
                # by the logarithm of the time
                slope = e[echo] * times[echo] / t2
                ee += e[echo] * e[echo]
                ey += e[echo] * y[echo]
                ed += e[echo] * slope
                dd += slope * slope
                dy += slope * y[echo]
            s0 = ey / ee
            # what of the slope the amplitude cannot do
            free = dd - ed * ed / ee
            if step == STEPS or not (free > 0 and s0 > 0):
                break
            change = (dy - ed * s0) / (free * s0)
            moved = min(high, max(low, t2 * exp(min(1.0, max(-1.0, change)))))
            if abs(moved - t2) <= CLOSE * t2:
                break
            t2 = moved
        found[0, pixel] = t2
        found[1, pixel] = max(0.0, s0)
