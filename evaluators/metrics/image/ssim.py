"""Structural similarity as scikit-image computes it by default, for intensities whose range is 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.image.pictures import check_same_shape
from evaluators.metrics.image.scaled import Volume
from evaluators.metrics.image.sums import sums_of
from evaluators.metrics.image.sums_kernel import WINDOW
from evaluators.metrics.registry import metric

SSIM = MetricSpec(
    key="ssim",
    family=Family.IMAGE,
    title="SSIM",
    unit="1",
    better=Better.HIGHER,
    bounds=(-1.0, 1.0),
    worst=0.0,
    source="Wang et al. 2004, doi:10.1109/TIP.2003.819861",
    peer="skimage.metrics.structural_similarity(r, p, data_range=1), per picture",
    edge="Constant pictures compare by brightness alone; pictures smaller than 7x7 are the dataset's fault.",
)


@metric(SSIM)
def ssim(prediction: Volume, reference: Volume) -> NDArray[np.float64]:
    """Mean structural similarity, one number a picture.

    SSIM = (2 mp mr + C1) (2 cov + C2) / ((mp^2 + mr^2 + C1) (vp + vr + C2)) in every 7x7 window that lies inside the
    picture, with means m, sample variances v and covariance (divided by 48), C1 = 0.01^2, C2 = 0.03^2; then the mean.
    prediction, reference: (x, y, ...), real, scaled to a data range of 1. Returns (...), dimensionless.
    Constant pictures are defined: with no variance at all SSIM is (2 mp mr + C1) / (mp^2 + mr^2 + C1).
    Raises ShapeMismatch; UndefinedMetric for pictures smaller than the window.
    """
    check_same_shape(prediction, reference)
    if min(reference.shape[:2]) < WINDOW:
        raise UndefinedMetric(f"SSIM needs pictures of {WINDOW}x{WINDOW} pixels or more, not {reference.shape[:2]}")
    values = sums_of(prediction, reference, windows=True).ssim
    assert values is not None  # noqa: S101 - windows were asked for
    return values
