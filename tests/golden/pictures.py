"""Cine-like volumes for golden rows: discs that beat, plus noise from whole-number arithmetic, equal on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def noise(count: int, *, seed: int) -> NDArray[np.float64]:
    """`count` numbers in [0, 1) from splitmix64 (Steele et al. 2014): no library's stream, so it never changes."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((state ^ (state >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53


def cine(shape: tuple[int, int, int, int], *, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(prediction, reference), both (x, y, slice, frame) float32: the prediction is 0.7 times the reference plus an error."""
    nx, ny, slices, frames = shape
    x, y, z, t = np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")
    radius2 = ((x - nx / 2) / nx) ** 2 + ((y - ny / 2) / ny) ** 2
    heart = radius2 * 36 < (1.5 + (t % 3) * 0.25 - z * 0.125)
    body = radius2 * 5 < 1
    texture = noise(x.size, seed=seed).reshape(shape)
    reference = body * (0.3 + 0.1 * texture) + heart * (0.5 + 0.05 * t / frames) + 0.01 * texture
    error = noise(x.size, seed=seed + 1).reshape(shape) - 0.5
    prediction = np.abs(0.7 * reference + 0.06 * error * (1 + z / slices))
    return prediction.astype(np.float32), reference.astype(np.float32)
