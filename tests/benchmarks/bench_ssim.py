"""SSIM + PSNR + NMSE of one cine volume: ours against CMRxRecon's public formula on scikit-image, in both memory orders."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from evaluators.metrics import METRICS
from evaluators.tasks.normalisation import by_own_maximum
from tests.benchmarks.harness import Contender, Row, compare, difference, main

#: (x, y, slice, frame): the largest scan of CMRxRecon 2023
SHAPE = (512, 246, 10, 12)
KEYS = ("ssim", "psnr", "nmse")
Volume = NDArray[np.float32]
Table = dict[str, NDArray[np.float64]]


def ours(prediction: Volume, reference: Volume) -> Table:
    """Scaled once, as the task kind does, then every metric."""
    p, r = by_own_maximum(prediction), by_own_maximum(reference)
    return {key: METRICS[key].function(p, r) for key in KEYS}


def ours_on_two(prediction: Volume, reference: Volume) -> Table:
    """Half of the frames on each of two threads: the compiled loops let go of the interpreter's lock."""
    half = reference.shape[-1] // 2
    parts = [(prediction[..., part], reference[..., part]) for part in (slice(0, half), slice(half, None))]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda pair: ours(*pair), parts))
    return {key: np.concatenate([table[key] for table in found], axis=-1) for key in KEYS}


def public_formula(prediction: Volume, reference: Volume) -> Table:
    """The challenge's loop: picture by picture, each over its own maximum, in float32."""
    table = {key: np.zeros(reference.shape[2:]) for key in KEYS}
    for i, j in np.ndindex(*reference.shape[2:]):
        p, r = prediction[:, :, i, j], reference[:, :, i, j]
        p, r = p / p.max(), r / r.max()
        table["ssim"][i, j] = structural_similarity(r, p, data_range=1)  # type: ignore[no-untyped-call]
        table["psnr"][i, j] = peak_signal_noise_ratio(r, p, data_range=1)  # type: ignore[no-untyped-call]
        table["nmse"][i, j] = np.linalg.norm(r - p) ** 2 / np.linalg.norm(r) ** 2
    return table


def volumes() -> tuple[Volume, Volume]:
    """Smooth pictures with noise, in MATLAB's memory order as loadmat returns them."""
    rng = np.random.default_rng(0)
    x, y = (np.linspace(0, 3, size)[:, None] for size in SHAPE[:2])
    base = (1 + np.sin(5 * x) * np.cos(7 * y.T))[:, :, None, None]
    reference = np.asfortranarray(base + 0.1 * rng.random(SHAPE), dtype=np.float32)
    prediction = np.asfortranarray(0.8 * reference + 0.05 * rng.random(SHAPE), dtype=np.float32)
    return prediction, reference


def _agreement(mine: Table, peers: Table) -> str:
    return ", ".join(f"{key} {difference(mine[key], peers[key], within=1e-4):.0e}" for key in KEYS)


def rows() -> list[Row]:
    """One and two threads against the formula, which has one."""
    fortran = volumes()
    c_order = tuple(np.ascontiguousarray(volume) for volume in fortran)

    def peer(arrays: tuple[Any, ...], order: str) -> Contender:
        return Contender(name=f"public formula, {order} order", run=lambda: public_formula(*arrays))

    def table(threads: int, function: Callable[..., Table], wanted: tuple[float, float]) -> list[Row]:
        return compare(
            work=f"SSIM + PSNR + NMSE of {'x'.join(map(str, SHAPE))}",
            ours=Contender(name="assay", run=lambda: function(*fortran)),
            peers=[(peer(fortran, "Fortran"), wanted[0]), (peer(c_order, "C"), wanted[1])],
            agreement=_agreement,
            threads=threads,
        )

    return [*table(1, ours, (2.2, 4.4)), *table(2, ours_on_two, (3.0, 6.0))]


if __name__ == "__main__":
    main(rows)
