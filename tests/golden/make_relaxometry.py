"""Writes relaxometry.json from scipy. Run by hand: `.venv/bin/python -m tests.golden.make_relaxometry`.

scipy.optimize.least_squares pixel by pixel; for inversion recovery from several starts with each number of negative images, and the
least residual is kept. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import least_squares

from tests.golden.pictures import noise

PATH = Path(__file__).with_name("relaxometry.json")
#: ms: MOLLI 5(3)3 and the three echoes of T2-prepared images
INVERSION_TIMES = (120.0, 200.0, 1120.0, 1200.0, 2120.0, 2200.0, 3120.0, 3200.0, 4120.0)
ECHO_TIMES = (0.0, 35.0, 55.0)
T1_BOUNDS, T2_BOUNDS = (10.0, 5000.0), (1.0, 2000.0)

Numbers = NDArray[np.float64]


def t1_series(count: int, *, seed: int, spread: float) -> tuple[Numbers, Numbers]:
    """(signals (pixel, time), true T1 in ms): blood, muscle, fat; `spread` is the noise as a share of the signal."""
    first = noise(3 * count, seed=seed).reshape(3, count)
    t1, a, ratio = 250 + 1800 * first[0], 100 + 200 * first[1], 1.6 + 0.4 * first[2]
    t1_star = t1 / (ratio - 1)
    clean = np.abs(a[:, None] * (1 - ratio[:, None] * np.exp(-np.array(INVERSION_TIMES) / t1_star[:, None])))
    error = noise(clean.size, seed=seed + 1).reshape(clean.shape) - 0.5
    return np.abs(clean + spread * a[:, None] * error), t1


def t2_series(count: int, *, seed: int, spread: float) -> tuple[Numbers, Numbers]:
    """(signals (pixel, time), true T2 in ms)."""
    first = noise(2 * count, seed=seed).reshape(2, count)
    t2, s0 = 20 + 200 * first[0], 100 + 200 * first[1]
    clean = s0[:, None] * np.exp(-np.array(ECHO_TIMES) / t2[:, None])
    error = noise(clean.size, seed=seed + 1).reshape(clean.shape) - 0.5
    return clean + spread * s0[:, None] * error, t2


def scipy_t1(signal: Numbers) -> dict[str, float]:
    times = np.array(INVERSION_TIMES)
    best = None
    for negative in range(len(times) + 1):
        signed = np.where(np.arange(len(times)) < negative, -signal, signal)
        for start in (200.0, 800.0, 2000.0):
            found = least_squares(
                lambda p, signed=signed: p[0] - p[1] * np.exp(-times / p[2]) - signed,
                (signal.max(), 2 * signal.max(), start),
                bounds=([-np.inf, 0, T1_BOUNDS[0]], [np.inf, np.inf, T1_BOUNDS[1]]),
                x_scale=(signal.max(), signal.max(), 1000.0),
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
            )
            if best is None or found.cost < best.cost:
                best = found
    assert best is not None
    a, b, t1_star = (float(number) for number in best.x)
    return {"t1": min(T1_BOUNDS[1], max(0.0, t1_star * (b / a - 1))), "t1_star": t1_star, "a": a, "b": b}


def scipy_t2(signal: Numbers) -> dict[str, float]:
    times = np.array(ECHO_TIMES)
    found = least_squares(
        lambda p: p[0] * np.exp(-times / p[1]) - signal,
        (signal.max(), 60.0),
        bounds=([0, T2_BOUNDS[0]], [np.inf, T2_BOUNDS[1]]),
        x_scale=(signal.max(), 50.0),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    return {"t2": float(found.x[1]), "s0": float(found.x[0])}


def main() -> None:
    rows: list[dict[str, Any]] = []
    for key, series, peer in (("t1", t1_series, scipy_t1), ("t2", t2_series, scipy_t2)):
        for spread in (0.0, 0.02, 0.1):
            recipe = {"count": 10, "seed": 3, "spread": spread}
            signals, _ = series(count=10, seed=3, spread=spread)
            rows.append({"key": key, "inputs": recipe, "pixels": [peer(signal) for signal in signals]})
    document = {
        "command": ".venv/bin/python -m tests.golden.make_relaxometry",
        "versions": {"scipy": scipy.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "inputs": "t1_series() and t2_series() of this script",
        "rows": rows,
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
