"""T1 of every pixel: inversion recovery through magnitude images, whose signs are found again."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any, NamedTuple

import numpy as np
from numba import njit, types

from evaluators.relaxometry.series import CLOSE, FOUND, PIXELS, STEPS, Numbers, Real, fit_pixels

_LINE = types.float64[::1]
#: how many places of the sign change are followed to the end: the best two of the coarse search
_FOLLOWED = 2
#: a recovery by a smaller share of the signal is rounding, not a curve
_FLAT = 1e-9


class T1Maps(NamedTuple):
    """Each (x, y, ...), float64."""

    #: ms; 0 where there is no signal
    t1: Numbers
    #: apparent time in ms, shortened by the readout
    t1_star: Numbers
    #: a and b of |a - b exp(-t / T1*)|, in the series' own unit
    a: Numbers
    b: Numbers


def fit_t1(signal: Real, times: Sequence[float], *, shortest: float = 10.0, longest: float = 5000.0) -> T1Maps:
    """Least squares of |a - b exp(-t / T1*)| to every pixel, and T1 = T1* (b / a - 1) (Look-Locker, Deichmann and Haase 1992).

    signal: (x, y, ..., time), real, any unit, absolute values are taken; times: inversion times in ms, three or more
    different ones, in any order. The first k images in time, for every k, are tried as negative; of the curves that rise to
    a value above zero (a, b > 0) the one of the least residual is kept. T1* lies within [shortest, longest] ms, T1 is
    clipped to [0, longest]. A pixel that no such curve fits, as one that is all zero, gets 0 everywhere. Raises BadSeries.
    """
    return T1Maps(*fit_pixels(signal, times, fewest=3, bounds=(shortest, longest), parameters=4, fit=_fit))


@njit(inline="always")
def _coarse(y: Any, curves: Any, dots: Any, explained: Any, where: Any) -> None:
    """For each number of negative images: how much of the signal's energy its best place explains, and that place."""
    images, count = curves.shape
    dots[:] = 0.0
    total = 0.0
    for image in range(images):
        total += y[image]
        for place in range(count):
            dots[place] += curves[image, place] * y[image]
    for negative in range(images + 1):
        if negative > 0:
            turned = 2 * y[negative - 1]
            total -= turned
            for place in range(count):
                dots[place] -= curves[negative - 1, place] * turned
        # a signal that recovers goes down where exp(-t / T1*) goes up
        least, best = 0.0, -1
        for place in range(count):
            if dots[place] < least:
                least, best = dots[place], place
        where[negative] = best
        explained[negative] = total * total / images + least * least if best >= 0 else -1.0


@njit(inline="always")
def _refine(y: Any, times: Any, bracket: Any, decay: Any) -> Any:
    """Gauss-Newton on the logarithm of T1* from the middle of `bracket`, within its ends: (T1*, a, b, residual)."""
    images = len(times)
    low, t, high = bracket
    a, b, residual = 0.0, 0.0, np.inf
    y_mean = y.sum() / images
    for step in range(STEPS + 1):
        e_mean, slope_mean = 0.0, 0.0
        for image in range(images):
            decay[image] = exp(-times[image] / t)
            e_mean += decay[image]
            slope_mean += decay[image] * times[image] / t
        e_mean, slope_mean = e_mean / images, slope_mean / images
        ee, ey, es, ss, sy, yy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for image in range(images):
            e = decay[image] - e_mean
            slope = decay[image] * times[image] / t - slope_mean
            signal = y[image] - y_mean
            ee += e * e
            ey += e * signal
            es += e * slope
            ss += slope * slope
            sy += slope * signal
            yy += signal * signal
        if not ee > 0:
            break
        b = -ey / ee
        a = y_mean + b * e_mean
        residual = yy - ey * ey / ee
        # what of the slope neither a nor b can do
        free = ss - es * es / ee
        if step == STEPS or not (free > 0 and b > 0):
            break
        change = -(sy + b * es) / (free * b)
        moved = min(high, max(low, t * exp(min(1.0, max(-1.0, change)))))
        if abs(moved - t) <= CLOSE * t:
            break
        t = moved
    return t, a, b, residual


@njit([types.void(pixels, _LINE, _LINE, FOUND) for pixels in PIXELS], cache=True, nogil=True, error_model="numpy")
def _fit(pixels: Any, times: Any, places: Any, found: Any) -> None:
    count, images = len(places), len(times)
    longest = places[count - 1]
    # exp(-t / T1*) without its mean, of length 1: what a constant cannot explain
    curves = np.zeros((images, count))
    for place in range(count):
        line = np.exp(-times / places[place])
        line -= line.mean()
        norm = np.sqrt((line**2).sum())
        if norm > 0:
            curves[:, place] = line / norm
    y, signed, decay = np.empty(images), np.empty(images), np.empty(images)
    dots = np.empty(count)
    explained = np.empty(images + 1)
    where = np.zeros(images + 1, dtype=np.int64)
    for pixel in range(pixels.shape[0]):
        for image in range(images):
            y[image] = abs(np.float64(pixels[pixel, image]))
        _coarse(y, curves, dots, explained, where)
        t, a, b, least = 0.0, 0.0, 0.0, np.inf
        followed = 0
        while followed < _FOLLOWED:
            negative = np.argmax(explained)
            if explained[negative] < 0:
                break
            explained[negative] = -1.0
            for image in range(images):
                signed[image] = -y[image] if image < negative else y[image]
            place = where[negative]
            bracket = places[max(0, place - 1)], places[place], places[min(count - 1, place + 1)]
            tried = _refine(signed, times, bracket, decay)
            if tried[1] > 0 and tried[2] > _FLAT * tried[1]:
                followed += 1
                if tried[3] < least:
                    t, a, b, least = tried
        if followed == 0:
            continue
        found[0, pixel] = min(longest, max(0.0, t * (b / a - 1)))
        found[1, pixel] = t
        found[2, pixel] = a
        found[3, pixel] = b
