"""SSIM + PSNR + NMSE of one cine volume: ours against CMRxRecon's public formula on scikit-image, in both memory orders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from evaluators.metrics import METRICS
from evaluators.metrics.threads import use_threads
from tests.benchmarks.harness import Contender, Row, compare, difference, main
from tests.unit.evaluators.tasks.specs import paired

#: (x, y, slice, frame): the largest scan of CMRxRecon 2023
SHAPE = (512, 246, 10, 12)
KEYS = ("ssim", "psnr", "nmse")
Volume = NDArray[np.float32]
Table = dict[str, NDArray[np.float64]]


def ours(prediction: Volume, reference: Volume, *, threads: int) -> Table:
    """Lined up as the task kind does, then every metric; pictures are shared among the threads."""
    with use_threads(threads):
        pair = paired(prediction=prediction, reference=reference, options={"region": "full"})
        return {key: METRICS[key].function(pair.prediction, pair.reference) for key in KEYS}


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
    """One and two threads against the formula, which has one; both get the same arrays, in both memory orders."""
    fortran = volumes()
    c_order = np.ascontiguousarray(fortran[0]), np.ascontiguousarray(fortran[1])
    asked = [("Fortran", fortran, 1, 2.2), ("C", c_order, 1, 4.4), ("Fortran", fortran, 2, 3.0), ("C", c_order, 2, 6.0)]
    return [
        row for order, pair, threads, wanted in asked for row in _rows(order, *pair, threads=threads, wanted=wanted)
    ]


def _rows(order: str, prediction: Volume, reference: Volume, *, threads: int, wanted: float) -> list[Row]:
    return compare(
        work=f"SSIM + PSNR + NMSE of {'x'.join(map(str, SHAPE))}, {order} order",
        ours=Contender(name="assay", run=lambda: ours(prediction, reference, threads=threads)),
        peers=[(Contender(name="public formula", run=lambda: public_formula(prediction, reference)), wanted)],
        agreement=_agreement,
        threads=threads,
    )


if __name__ == "__main__":
    main(rows)
