"""SSIM + PSNR + NMSE of one cine volume: our kernels against scikit-image in the same run. `python -m tests.benchmarks.bench_ssim`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from evaluators.metrics import METRICS
from evaluators.tasks.normalisation import by_own_maximum

Table = dict[str, NDArray[np.float64]]


def ours(prediction: NDArray[np.float32], reference: NDArray[np.float32]) -> Table:
    """Scaled once, as the task kind does, then every metric."""
    p, r = by_own_maximum(prediction), by_own_maximum(reference)
    return {key: METRICS[key].function(p, r) for key in ("ssim", "psnr", "nmse")}


def peers(prediction: NDArray[np.float32], reference: NDArray[np.float32]) -> Table:
    """The challenge's loop: picture by picture, each over its own maximum, in float32."""
    table = {key: np.zeros(reference.shape[2:]) for key in ("ssim", "psnr", "nmse")}
    for i, j in np.ndindex(*reference.shape[2:]):
        p, r = prediction[:, :, i, j], reference[:, :, i, j]
        p, r = p / p.max(), r / r.max()
        table["ssim"][i, j] = structural_similarity(r, p, data_range=1)  # type: ignore[no-untyped-call]
        table["psnr"][i, j] = peak_signal_noise_ratio(r, p, data_range=1)  # type: ignore[no-untyped-call]
        table["nmse"][i, j] = np.linalg.norm(r - p) ** 2 / np.linalg.norm(r) ** 2
    return table


def seconds(run: Callable[[], Table], *, repeats: int) -> float:
    """Median wall time."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def main() -> int:
    """Print one table; exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--shape", type=int, nargs=4, default=(512, 246, 10, 12), metavar=("X", "Y", "SLICES", "FRAMES")
    )
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    # smooth pictures with noise, in MATLAB's memory order as loadmat returns them
    x, y = (np.linspace(0, 3, size)[:, None] for size in asked.shape[:2])
    base = (1 + np.sin(5 * x) * np.cos(7 * y.T))[:, :, None, None]
    reference = np.asfortranarray(base + 0.1 * rng.random(asked.shape), dtype=np.float32)
    prediction = np.asfortranarray(0.8 * reference + 0.05 * rng.random(asked.shape), dtype=np.float32)

    first, second = ours(prediction, reference), peers(prediction, reference)
    our_time = seconds(lambda: ours(prediction, reference), repeats=asked.repeats)
    their_time = seconds(lambda: peers(prediction, reference), repeats=asked.repeats)
    differences = ", ".join(f"{key} {np.abs(first[key] - second[key]).max():.1e}" for key in first)
    sys.stdout.write(
        f"SSIM + PSNR + NMSE of {'x'.join(map(str, asked.shape))} float32, one thread, median of {asked.repeats}\n"
        f"scikit-image {version('scikit-image')}: {their_time:.3f} s   ours: {our_time:.3f} s   "
        f"ratio: {their_time / our_time:.2f}x\n"
        f"largest difference of a picture: {differences}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
