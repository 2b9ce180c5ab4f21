"""Peak signal-to-noise ratio in decibels, for intensities whose range is 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.image.pictures import check_same_shape
from evaluators.metrics.image.scaled import Volume
from evaluators.metrics.image.sums import pooled, sums_of
from evaluators.metrics.registry import metric

CEILING_DB = 100.0

PSNR = MetricSpec(
    key="psnr",
    family=Family.IMAGE,
    title="PSNR",
    unit="dB",
    better=Better.HIGHER,
    bounds=(None, CEILING_DB),
    worst=0.0,
    source="Zbontar et al. 2018, arXiv:1811.08839",
    peer="skimage.metrics.peak_signal_noise_ratio(r, p, data_range=1), per picture; with fastMRI's scale over the volume",
    edge="Identical pictures, and anything closer than 100 dB, score 100.",
    clip=CEILING_DB,
)


@metric(PSNR)
def psnr(prediction: Volume, reference: Volume) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio, one number a picture.

    PSNR = 10 log10(1 / MSE), MSE = mean over x and y of (prediction - reference)^2, in float64.
    prediction, reference: (x, y, ...), real, scaled to a data range of 1. Returns (...), decibels.
    At most 100 dB: identical pictures, whose true value is infinite, score that, and so does anything closer. A pooled
    reference has the mean over the whole volume, as fastMRI, and every picture that number.
    Raises ShapeMismatch.
    """
    check_same_shape(prediction, reference)
    error = pooled(sums_of(prediction, reference).error, reference)
    mean = error / (reference.shape[0] * reference.shape[1])
    # a ceiling on the value is a floor under the error; it also keeps the logarithm finite
    decibels: NDArray[np.float64] = -10 * np.log10(np.maximum(mean, 10 ** (-CEILING_DB / 10)))
    return decibels
