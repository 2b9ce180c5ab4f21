"""A series of weighted images as a list of pixels, in the memory that it came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numba import types
from numpy.typing import NDArray

from evaluators.metrics.threads import share

Real = NDArray[np.floating[Any]]
Numbers = NDArray[np.float64]

#: places of the coarse search, evenly apart on a logarithmic scale of times
PLACES = 40
#: steps from the best place to the minimum; each one about doubles the digits
STEPS = 12
#: a step this small, as a share of the time, is the last one
CLOSE = 1e-9

#: (pixel, time) of any strides
PIXELS = [types.Array(width, 2, "A", readonly=True, aligned=False) for width in (types.float32, types.float64)]
#: (parameter, pixel): a slice of a larger one
FOUND = types.float64[:, :]


class BadSeries(ValueError):
    """A series that no curve can be fitted to: the text says what to give."""


def fit_pixels(
    signal: Real,
    times: Sequence[float],
    *,
    fewest: int,
    bounds: tuple[float, float],
    parameters: int,
    fit: Callable[[Real, Numbers, Numbers, Numbers], None],
) -> tuple[Numbers, ...]:
    """signal (x, y, ..., time), times in ms -> `parameters` maps (x, y, ...).

    fit: (pixels (pixel, time) sorted by time, times, places in ms, found (parameter, pixel)), which fills `found`.
    Raises BadSeries for other times than images, fewer than `fewest`, times or bounds that make no sense, and NaN.
    """
    moments = np.asarray(times, dtype=np.float64)
    if moments.ndim != 1 or signal.ndim < 2 or signal.shape[-1] != len(moments):
        raise BadSeries(f"a series of shape {signal.shape} needs {signal.shape[-1:]} times, not {moments.shape}")
    if not (np.isfinite(moments).all() and (moments >= 0).all() and len(np.unique(moments)) >= fewest):
        raise BadSeries(f"{fewest} different times in ms or more are needed, none negative: not {list(times)}")
    shortest, longest = bounds
    if not 0 < shortest < longest < np.inf:
        raise BadSeries(f"bounds in ms must be positive, the shorter first: not {bounds}")
    if not np.isfinite(signal).all():
        raise BadSeries("the series holds NaN or infinity")
    series = signal.astype(np.dtype("f4" if signal.dtype.itemsize <= 4 else "f8"), copy=False)
    # numpy's "F" keeps MATLAB's memory as it is
    order: Literal["C", "F"] = "F" if series.flags.f_contiguous else "C"
    in_time = np.argsort(moments, kind="stable")
    pixels = series.reshape(-1, len(moments), order=order)
    if (np.diff(in_time) < 0).any():
        pixels = pixels[:, in_time]
    found = np.zeros((parameters, len(pixels)))
    places = np.geomspace(shortest, longest, PLACES)

    def work(start: int, stop: int) -> None:
        fit(pixels[start:stop], moments[in_time], places, found[:, start:stop])

    if len(pixels):
        share(work, count=len(pixels))
    return tuple(one.reshape(signal.shape[:-1], order=order) for one in found)
