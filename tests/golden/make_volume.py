"""Writes volume.json from torch, scikit-image, scikit-learn and numpy. Run by hand: `.venv/bin/python -m tests.golden.make_volume`.

3-D SSIM is the formula of Wang et al. 2004 as pytorch-ssim-3D is called in CMRxRecon 2026 (window 11, sigma 1.5, zeros beyond
the edges), written here with torch's conv3d; that package is on no index. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.metrics import mean_squared_error
from sklearn.metrics import mean_absolute_percentage_error
from torch.nn.functional import conv3d

from tests.golden.pictures import noise

PATH = Path(__file__).with_name("volume.json")
#: (x, y, z, frame), seed; one thinner than the window
SHAPES = [((14, 13, 12, 2), 5), ((24, 9, 4, 3), 6), ((16, 15, 11, 1), 7)]

Values = NDArray[np.float64]
Region = NDArray[np.bool_]


def balls(shape: tuple[int, ...], *, seed: int) -> tuple[Values, Values, Region]:
    """(prediction, reference, region): a ball that beats, noise, and a smaller ball (x, y, z) that counts."""
    axes = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")
    radius2 = np.sum([((axes[place] + 0.5) / shape[place] - 0.5) ** 2 for place in range(3)], axis=0)
    texture = noise(radius2.size, seed=seed).reshape(shape)
    reference = 300 * (radius2 < 0.16 + 0.02 * axes[3]) + 40 + 60 * texture
    prediction = 0.9 * reference + 25 * noise(radius2.size, seed=seed + 1).reshape(shape)
    return prediction, reference, radius2[..., 0] < 0.14


def flows(shape: tuple[int, ...], *, seed: int) -> tuple[Values, Values, Region]:
    """Velocities (component, x, y, z, frame) in cm/s and the region (x, y, z)."""
    size = 3 * int(np.prod(shape))
    reference = 80 * (noise(size, seed=seed).reshape(3, *shape) - 0.4)
    error = 30 * (noise(size, seed=seed + 1).reshape(3, *shape) - 0.5)
    return 0.95 * reference + error, reference, balls(shape, seed=seed)[2]


def torch_ssim3d(prediction: Values, reference: Values, region: Region) -> float:
    peak = (reference * region[..., None]).max()
    p, r = (
        torch.from_numpy(np.moveaxis(v * region[..., None] / peak, 3, 0)[:, None].copy())
        for v in (prediction, reference)
    )
    line = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
    line /= line.sum()
    window = torch.einsum("i,j,k->ijk", line, line, line)[None, None]

    def mean(volume: torch.Tensor) -> torch.Tensor:
        return conv3d(volume, window, padding=5)

    mp, mr = mean(p), mean(r)
    vp, vr, covariance = mean(p * p) - mp**2, mean(r * r) - mr**2, mean(p * r) - mp * mr
    similarity = ((2 * mp * mr + 0.01**2) * (2 * covariance + 0.03**2)) / (
        (mp**2 + mr**2 + 0.01**2) * (vp + vr + 0.03**2)
    )
    return float(similarity[:, 0].numpy()[:, region].mean())


def nrmse(prediction: Values, reference: Values, region: Region) -> float:
    p, r = prediction[region], reference[region]
    return float(np.sqrt(mean_squared_error(r, p)) / r.max())


def relerr(prediction: Values, reference: Values, region: Region) -> float:
    p, r = (np.linalg.norm(v, axis=0)[region] for v in (prediction, reference))
    return float(np.linalg.norm(r - p) / np.linalg.norm(r))


def angerr(prediction: Values, reference: Values, region: Region) -> float:
    p, r = (v[:, region] for v in (prediction, reference))
    cosine = (p * r).sum(axis=0) / (np.linalg.norm(p, axis=0) * np.linalg.norm(r, axis=0))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean())


def map_rmse(prediction: Values, reference: Values, region: Region) -> float:
    return float(np.sqrt(mean_squared_error(reference[region], prediction[region])))


def map_relative_error(prediction: Values, reference: Values, region: Region) -> float:
    return float(mean_absolute_percentage_error(reference[region].ravel(), prediction[region].ravel()))


Peer = Callable[[Values, Values, Region], float]
#: metric -> what it is fed with, the peer
PEERS: dict[str, tuple[Callable[..., tuple[Values, Values, Region]], Peer]] = {
    "ssim3d": (balls, torch_ssim3d),
    "nrmse": (balls, nrmse),
    "relerr": (flows, relerr),
    "angerr": (flows, angerr),
    "map_rmse": (balls, map_rmse),
    "map_relative_error": (balls, map_relative_error),
}


def rows() -> Iterator[dict[str, Any]]:
    for key, (make, peer) in PEERS.items():
        for shape, seed in SHAPES:
            prediction, reference, region = make(shape, seed=seed)
            for whole in (True, False):
                where = np.ones_like(region) if whole else region
                yield {
                    "key": key,
                    "inputs": {"shape": list(shape), "seed": seed},
                    "region": None if whole else "ball",
                    "voxels": int(where.sum()),
                    "value": peer(prediction, reference, where),
                }


def main() -> None:
    document = {
        "command": ".venv/bin/python -m tests.golden.make_volume",
        "versions": {
            **{name: version(name) for name in ("torch", "scikit-image", "scikit-learn")},
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "inputs": "balls() for images and maps, flows() for velocities, of this script",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
