"""T1 and T2 maps: ours against scipy's curve_fit pixel by pixel, which is timed on a few of the same pixels and scaled up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeWarning, curve_fit

from evaluators.metrics.threads import use_threads
from evaluators.relaxometry import fit_t1, fit_t2
from tests.benchmarks.harness import Contender, Row, compare, difference, main, within_limit
from tests.benchmarks.harness import use_threads as use_cores
from tests.golden.make_relaxometry import ECHO_TIMES, INVERSION_TIMES, t1_series, t2_series

PIXELS = 100_000
#: of them the peer fits so many
FITTED = 100
MILLION = 1_000_000

Numbers = NDArray[np.float64]


def recovery(t: Numbers, a: float, b: float, t1_star: float) -> Numbers:
    """Signed signal after an inversion."""
    return np.asarray(a - b * np.exp(-t / t1_star))


def decay(t: Numbers, s0: float, t2: float) -> Numbers:
    """Signal after an excitation."""
    return np.asarray(s0 * np.exp(-t / t2))


def scipy_t1(signals: Numbers) -> Numbers:
    """A loop: each number of negative images in turn, the least residual is kept."""
    times, found = np.array(INVERSION_TIMES), []
    for signal in signals:
        best, least = (0.0, 0.0, 1.0), np.inf
        for negative in range(len(times)):
            signed = np.where(np.arange(len(times)) < negative, -signal, signal)
            try:
                fitted, _ = curve_fit(recovery, times, signed, p0=(signal.max(), 2 * signal.max(), 1000.0))
            except (RuntimeError, OptimizeWarning):
                continue
            residual = float(np.square(recovery(times, *fitted) - signed).sum())
            if residual < least and fitted[0] > 0:
                best, least = tuple(fitted), residual
        found.append(best[2] * (best[1] / best[0] - 1))
    return np.array(found)


def scipy_t2(signals: Numbers) -> Numbers:
    """A loop."""
    times = np.array(ECHO_TIMES)
    return np.array([curve_fit(decay, times, signal, p0=(signal.max(), 60.0))[0][1] for signal in signals])


def _agreement(mine: Any, peers: Any) -> str:
    share = np.median(np.abs(mine[:FITTED] / peers - 1))
    return f"median of {FITTED} pixels {difference(share, 0.0, within=1e-4):.0e}"


def _rows(
    name: str, fit: Callable[[Numbers], Numbers], signals: Numbers, peer: Callable[[Numbers], Numbers]
) -> list[Row]:
    def ours(threads: int) -> Numbers:
        with use_threads(threads):
            return fit(signals)

    scale = len(signals) / FITTED
    found: list[Row] = []
    for threads in (1, 2):
        (row,) = compare(
            work=f"{name} of {PIXELS:,} pixels; the peer's time is that of {FITTED}, times {scale:,.0f}",
            ours=Contender(name="assay", run=lambda threads=threads: ours(threads)),  # type: ignore[misc]
            peers=[(Contender(name="scipy curve_fit, a loop", run=lambda: peer(signals[:FITTED])), 20.0)],
            agreement=_agreement,
            threads=threads,
        )
        found.append(replace(row, peer_s=row.peer_s * scale, ratio=row.ratio * scale))
    return found


def rows() -> list[Row]:
    """One and two threads against the loop, and a million pixels against the clock."""
    t1, _ = t1_series(PIXELS, seed=1, spread=0.02)
    t2, _ = t2_series(PIXELS, seed=2, spread=0.02)
    large, _ = t1_series(MILLION, seed=3, spread=0.02)
    with use_cores(2), use_threads(2):
        start = perf_counter()
        fit_t1(large, INVERSION_TIMES)
        seconds = perf_counter() - start
    return [
        *_rows("T1 map (MOLLI, 9 images)", lambda signals: fit_t1(signals, INVERSION_TIMES).t1, t1, scipy_t1),
        *_rows("T2 map (3 echoes)", lambda signals: fit_t2(signals, ECHO_TIMES).t2, t2, scipy_t2),
        within_limit(work="T1 map of 1,000,000 pixels", measured=seconds, limit=20.0, threads=2),
    ]


if __name__ == "__main__":
    main(rows)
