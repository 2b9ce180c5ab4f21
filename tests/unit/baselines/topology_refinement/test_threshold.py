"""The rival without a network outlines what is bright, in pictures and volumes, however much ground there is."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from baselines.topology_refinement.inference import segmenter
from baselines.topology_refinement.model import Bundle
from baselines.topology_refinement.threshold import triangle

filters: Any = import_module("skimage.filters")


def ring(*shape: int) -> np.ndarray:
    """Three to four voxels thick, in the middle of the first two axes."""
    places = np.indices(shape).astype(np.float64)
    round_ = np.abs(np.hypot(places[0] - shape[0] / 2, places[1] - shape[1] / 2) - shape[0] / 3) < 2
    flat = np.abs(places[2] - shape[2] / 2) < 2 if len(shape) == 3 else True
    return np.asarray(round_ & flat)


def picture_of(mask: np.ndarray) -> np.ndarray:
    """Bright on noisy ground that rises along x."""
    ground = 300 + 2 * np.indices(mask.shape)[0] + np.random.default_rng(0).normal(0, 20, mask.shape)
    return np.asarray(ground + 300 * mask, dtype=np.float32)


@pytest.mark.parametrize("shape", [(96, 96), (37, 50), (48, 48, 48), (37, 30, 21)])
@pytest.mark.parametrize("variant", ["threshold", "threshold-closing"])
def test_a_ring_is_found_in_pictures_and_volumes_though_the_weights_are_of_pictures(
    shape: tuple[int, ...], variant: str
) -> None:
    mask = ring(*shape)
    segment = segmenter(Bundle(dims=2, channels=4, dilated=4, refiner=4), variant=variant)
    found = segment(picture_of(mask))
    # it is found whole, and blur alone makes it thicker
    assert (found & mask).sum() > 0.95 * mask.sum()
    assert (found & binary_dilation(mask, np.ones((3,) * len(shape)))).sum() > 0.75 * found.sum()
    assert not segment(np.full(shape, 7, dtype=np.float32)).any()


def test_the_threshold_is_the_peers_to_within_a_bin() -> None:
    values = picture_of(ring(96, 96)).astype(np.float64)
    assert triangle(values) == pytest.approx(filters.threshold_triangle(values), abs=1.01 * np.ptp(values) / 256)
