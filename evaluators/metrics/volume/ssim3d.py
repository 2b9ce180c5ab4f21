"""Structural similarity in three axes with a Gaussian window, as CMRxRecon 2026 computes it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import correlate1d, find_objects

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.image.scaled import FAINTEST, Volume
from evaluators.metrics.registry import metric
from evaluators.metrics.volume.region import Region, Values, lined_up

_RADIUS = 5
_SIGMA = 1.5
_C1 = 0.01**2
_C2 = 0.03**2
_WINDOW = np.exp(-np.square(np.arange(-_RADIUS, _RADIUS + 1)) / (2 * _SIGMA**2))
_WINDOW /= _WINDOW.sum()

SSIM3D = MetricSpec(
    key="ssim3d",
    family=Family.VOLUME,
    title="SSIM 3-D",
    unit="1",
    better=Better.HIGHER,
    bounds=(-1.0, 1.0),
    worst=0.0,
    source="Wang et al. 2004, doi:10.1109/TIP.2003.819861; CMRxRecon 2026, evaluation-2026/utils_metrics.py",
    peer="pytorch-ssim-3D SSIM3D(window_size=11), its formula with torch.nn.functional.conv3d",
    edge="Beyond region and volume everything is 0; a region that is empty, or without a value above 0, is the dataset's fault.",
)


@metric(SSIM3D)
def ssim3d(prediction: Volume, reference: Volume, *, region: Region | None = None) -> float:
    """Mean structural similarity over the voxels of the region.

    SSIM = (2 mp mr + C1) (2 cov + C2) / ((mp^2 + mr^2 + C1) (vp + vr + C2)) about every voxel, means, variances and covariance
    weighted by a Gaussian of 11 voxels a side and sigma 1.5 voxels, C1 = 0.01^2, C2 = 0.03^2. Both volumes are set to 0
    outside the region and divided by the reference's largest value first; beyond the edges they count as 0.
    prediction, reference: (x, y, z, ...), real, the same (arbitrary) unit, one window a trailing index; region: (x, y, z) or
    their shape, bool. Returns a number without unit. Raises ShapeMismatch, UndefinedMetric.
    """
    mine, theirs, counts = lined_up(prediction, reference, region=region)
    if theirs.ndim < 3:
        raise UndefinedMetric(f"3-D SSIM needs three axes or more, not {theirs.shape}")
    peak = theirs[counts].max()
    if not peak > FAINTEST:
        raise UndefinedMetric("3-D SSIM needs a reference with a value above 0 in the region")
    # all is 0 outside of the region, and beyond the edges: its own box is enough
    box = find_objects(counts.any(axis=tuple(range(3, counts.ndim))).astype(np.uint8))[0]
    mine, theirs = (np.where(counts[box], volume[box], 0.0) / peak for volume in (mine, theirs))
    similarity = sum(
        float(_similarity(mine[:, :, :, *place], theirs[:, :, :, *place])[counts[box][:, :, :, *place]].sum())
        for place in np.ndindex(theirs.shape[3:])
    )
    return similarity / int(counts.sum())


def _similarity(prediction: Values, reference: Values) -> Values:
    """SSIM about every voxel, two volumes (x, y, z)."""
    mp, mr = _weighted(prediction), _weighted(reference)
    squares = mp * mp + mr * mr
    # rounding can break what holds of the true moments: no variance below zero, no covariance beyond the variances
    variances = np.maximum(_weighted(prediction * prediction + reference * reference) - squares, 0.0)
    covariance = _weighted(prediction * reference) - mp * mr
    luminance = (2 * mp * mr + _C1) / (squares + _C1)
    structure = np.clip((2 * covariance + _C2) / (variances + _C2), -1.0, 1.0)
    similarity: Values = luminance * structure
    return similarity


def _weighted(volume: Values) -> Values:
    for axis in range(3):
        volume = correlate1d(volume, _WINDOW, axis=axis, mode="constant")
    return volume
