"""The peers that our metrics are held against, each on one picture: scikit-image and numpy, nothing of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

Picture = NDArray[np.floating[Any]]


def ssim(prediction: Picture, reference: Picture, data_range: float = 1) -> float:
    """scikit-image's default window and constants."""
    return float(structural_similarity(reference, prediction, data_range=data_range))  # type: ignore[no-untyped-call]


def psnr(prediction: Picture, reference: Picture, data_range: float = 1) -> float:
    """scikit-image's, in decibels."""
    return float(peak_signal_noise_ratio(reference, prediction, data_range=data_range))  # type: ignore[no-untyped-call]


def nmse(prediction: Picture, reference: Picture, _: float = 1) -> float:
    """The challenge's formula with numpy's norms."""
    return float(np.linalg.norm(reference - prediction) ** 2 / np.linalg.norm(reference) ** 2)


PEERS = {"ssim": ssim, "psnr": psnr, "nmse": nmse}
