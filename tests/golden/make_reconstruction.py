"""Writes reconstruction.json from scikit-image and numpy. Run by hand: `.venv/bin/python -m tests.golden.make_reconstruction`.

The order is that of CMRxRecon 2023: crop as run4Ranking.m (rewritten here in MATLAB's counting from 1), then per picture
gt/gt.max() and pred/pred.max() as Evaluation.calmetric; or the scale of a later year, whose scripts call
calmetric(gt, recon) and so take the data range and the denominator from the reconstruction (order as_called); or
fastmri/evaluate.py, whose PSNR and NMSE are those of the volume. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.peers import PEERS
from tests.golden.pictures import cine

PATH = Path(__file__).with_name("reconstruction.json")
#: shape, seed; odd sizes and few slices on purpose
VOLUMES = [((40, 36, 4, 5), 11), ((37, 29, 3, 4), 23), ((24, 20, 2, 2), 37), ((22, 31, 7, 3), 41)]


def matlab_round(value: float) -> int:
    return floor(value + 0.5)


def matlab_range(first: int, last: int) -> range:
    """first:last as indices from 0."""
    return range(first - 1, last)


def matlab_crop(size: int, keep: int) -> range:
    return matlab_range(floor(size / 2) + 1 + ceil(-keep / 2), floor(size / 2) + ceil(keep / 2))


def run4ranking(volume: np.ndarray) -> np.ndarray:
    sx, sy, sz, _ = volume.shape
    slices = matlab_range(matlab_round(sz / 2) - 1, matlab_round(sz / 2)) if sz >= 3 else range(sz)
    part = volume[:, :, list(slices)][:, :, :, list(matlab_range(1, min(3, volume.shape[3])))]
    return part[list(matlab_crop(sx, matlab_round(sx / 3)))][:, list(matlab_crop(sy, matlab_round(sy / 2)))]


def own_maximum(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture / picture.max())


def deviation(picture: np.ndarray) -> np.ndarray:
    return np.asarray((picture - picture.mean()) / (picture.std() + 1e-8))


def percentile(picture: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(picture) / np.percentile(np.abs(picture), 99.5))


SCALES = {"cmrxrecon2023": own_maximum, "cmrxrecon2024": deviation, "cmrxrecon2025": percentile}


def calmetric(
    prediction: np.ndarray, reference: np.ndarray, normalisation: str, order: str
) -> dict[str, list[list[float]]]:
    table: dict[str, list[list[float]]] = {key: [] for key in PEERS}
    for i in range(reference.shape[2]):
        rows: dict[str, list[float]] = {key: [] for key in table}
        for j in range(reference.shape[3]):
            p, r = (SCALES[normalisation](volume[:, :, i, j]) for volume in (prediction, reference))
            if order == "as_called" and normalisation != "cmrxrecon2023":
                p, r = r, p
            for key, peer in PEERS.items():
                rows[key].append(peer(p, r, 1 if normalisation == "cmrxrecon2023" else r.max()))
        for key, values in rows.items():
            table[key].append(values)
    return table


def fastmri(prediction: np.ndarray, reference: np.ndarray) -> tuple[dict[str, list[list[float]]], dict[str, float]]:
    """(SSIM of each picture, all means)."""
    peak = reference.max()
    pictures = [
        [PEERS["ssim"](prediction[:, :, i, j], reference[:, :, i, j], peak) for j in range(reference.shape[3])]
        for i in range(reference.shape[2])
    ]
    whole = {key: PEERS[key](prediction, reference, peak) for key in ("psnr", "nmse")}
    return {"ssim": pictures}, {"ssim": float(np.mean(pictures)), **whole}


def row(
    shape: tuple[int, int, int, int], seed: int, region: str, dtype: str, normalisation: str, order: str
) -> dict[str, Any]:
    prediction, reference = (volume.astype(dtype) for volume in cine(shape, seed=seed))
    if region == "challenge-crop":
        prediction, reference = run4ranking(prediction), run4ranking(reference)
    if normalisation == "fastmri":
        pictures, means = fastmri(prediction, reference)
    else:
        pictures = calmetric(prediction, reference, normalisation, order)
        means = {key: float(np.mean(values)) for key, values in pictures.items()}
    return {
        "shape": shape,
        "seed": seed,
        "region": region,
        "normalisation": normalisation,
        "order": order,
        "peer_dtype": dtype,
        "scored_shape": reference.shape,
        "means": means,
        "pictures": pictures,
    }


#: scale, argument order, width of the peer's numbers
VARIANTS = [
    *(("cmrxrecon2023", "declared", width) for width in ("float64", "float32")),
    *((year, order, "float64") for year in ("cmrxrecon2024", "cmrxrecon2025") for order in ("declared", "as_called")),
    ("cmrxrecon2023", "as_called", "float64"),
    ("fastmri", "declared", "float64"),
    ("fastmri", "as_called", "float64"),
]


def main() -> None:
    rows = [
        row(shape, seed, region, dtype, normalisation, order)
        for shape, seed in VOLUMES
        for region in ("challenge-crop", "full")
        for normalisation, order, dtype in VARIANTS
    ]
    document = {
        "command": ".venv/bin/python -m tests.golden.make_reconstruction",
        "versions": {
            "scikit-image": version("scikit-image"),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "pictures": "metric -> [slice][frame]",
        "rows": rows,
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
