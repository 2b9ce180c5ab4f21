"""What a camera or scanner makes of a structure: faded stretches, specks that are none of it, shading, blur and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from evaluators.phantoms.topology.drawing import Drawing
from evaluators.phantoms.topology.space import Field, Points, Space

#: faded stretches in 10,000 voxels of the structure, with a standard deviation along it in voxels and a share of lost signal
FADED, FADED_WIDTH, FADED_LOSS = 160, (2.0, 4.5), (0.75, 1.0)
#: specks in 10,000 voxels of the whole
SPECKS = {2: 4, 3: 0.6}
#: standard deviation of the noise; the structure's own signal is 1
NOISE = 0.15


def photograph(drawing: Drawing, *, space: Space, rng: np.random.Generator) -> NDArray[np.float32]:
    """An image (x, y) or (x, y, z), float32, arbitrary unit: bright lines on a dim, uneven ground.

    In the middle of a faded stretch a quarter of the signal or less is left. It belongs to the reference: only its neighbours tell so.
    """
    signal = drawing.share * (1 + 0.2 * space.smooth_noise(scale=12, rng=rng))
    signal = signal * (
        1 - _bumps(_faded_places(drawing, rng=rng), width=FADED_WIDTH, height=FADED_LOSS, space=space, rng=rng)
    )
    everywhere = space.places()
    count = rng.poisson(SPECKS[space.axes] * everywhere.shape[0] / 1e4)
    specks = everywhere[rng.choice(everywhere.shape[0], count, replace=False)]
    signal = np.maximum(signal, _bumps(specks, width=(0.8, 1.8), height=(0.4, 0.9), space=space, rng=rng))
    ground = 0.3 + 0.12 * space.smooth_noise(scale=20, rng=rng) + 0.06 * space.smooth_noise(scale=4, rng=rng)
    seen = gaussian_filter(signal, sigma=0.7) + ground
    noisy = seen + rng.normal(0, NOISE * rng.uniform(0.8, 1.2), space.shape)
    image: NDArray[np.float32] = (noisy * rng.uniform(200, 800)).astype(np.float32)
    return image


def _faded_places(drawing: Drawing, *, rng: np.random.Generator) -> Points:
    """Voxels in the middle of the structure, (place, axis)."""
    middle = np.argwhere(drawing.depth > 0.5)
    count = max(1, rng.poisson(FADED * drawing.mask.sum() / 1e4))
    chosen: Points = middle[rng.choice(len(middle), min(count, len(middle)), replace=False)].astype(np.float64)
    return chosen


def _bumps(
    centres: Points,
    *,
    width: tuple[float, float],
    height: tuple[float, float],
    space: Space,
    rng: np.random.Generator,
) -> Field:
    """The highest of Gaussian bumps at `centres`, each with a width (standard deviation, voxels) and a height of its own."""
    places = np.indices(space.shape)
    found = np.zeros(space.shape)
    for centre in centres:
        square = sum((axis - middle) ** 2 for axis, middle in zip(places, centre, strict=True))
        found = np.maximum(found, rng.uniform(*height) * np.exp(-square / (2 * rng.uniform(*width) ** 2)))
    return found
