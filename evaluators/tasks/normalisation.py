"""The intensity scales on which challenges compare images, each with the data range that its metrics are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.image.scaled import FAINTEST, Numbers, Scaled, each_picture

Real = NDArray[np.floating[Any]]

_PERCENTILE = 99.5
_LEAST_DEVIATION = 1e-8

#: which volume is the reference that gives the data range and NMSE's denominator
DECLARED = "declared"
AS_CALLED = "as_called"


@dataclass(frozen=True, kw_only=True)
class OnScale:
    """A volume on its scale, and the largest value of each picture there (...): the data range that it gives as the reference."""

    volume: Scaled
    peak: Numbers


def by_own_maximum(volume: Real) -> OnScale:
    """CMRxRecon 2023: each picture over its own largest value, so that a global gain does not count. Data range 1.

    Negative values are kept as they are. A picture whose maximum is not above FAINTEST (all zero, all negative) has no
    scale: it becomes all zero, where the challenge's own script divides by zero.
    """
    peak = _largest(volume)
    divisor = np.where(peak > FAINTEST, peak, np.inf)
    return OnScale(
        volume=Scaled(values=volume, offset=np.zeros_like(peak), divisor=divisor), peak=np.maximum(peak, 0) / divisor
    )


def by_deviation(volume: Real) -> OnScale:
    """CMRxRecon 2024: (value - mean) / (standard deviation + 1e-8), each picture by its own. Data range: the largest result.

    A picture of one value becomes all zero.
    """

    def numbers(picture: Numbers) -> tuple[float, float, float]:
        mean, peak = float(picture.mean()), float(picture.max())
        # rounding would give a picture of one huge value a deviation
        flat = peak == picture.min()
        return mean, np.inf if flat else float(picture.std()) + _LEAST_DEVIATION, peak

    mean, divisor, peak = each_picture(volume, numbers)
    return OnScale(volume=Scaled(values=volume, offset=mean, divisor=divisor), peak=(peak - mean) / divisor)


def by_percentile(volume: Real) -> OnScale:
    """CMRxRecon 2025: absolute values, each picture over their 99.5th percentile, nothing clipped. Data range: the largest result.

    A picture whose percentile is not above FAINTEST (all but a few pixels are zero) keeps its own scale, as in the script.
    """

    def numbers(picture: Numbers) -> tuple[float, float]:
        magnitude = np.abs(picture)
        return float(np.percentile(magnitude, _PERCENTILE)), float(magnitude.max())

    percentile, peak = each_picture(volume, numbers)
    divisor = np.where(percentile > FAINTEST, percentile, 1.0)
    return OnScale(
        volume=Scaled(values=volume, offset=np.zeros_like(peak), divisor=divisor, magnitude=True), peak=peak / divisor
    )


def as_it_is(volume: Real) -> OnScale:
    """fastMRI: no scale, so that a gain counts. Data range: the largest value of the volume; PSNR and NMSE are its own."""
    peak = np.full(volume.shape[2:], float(volume.max()))
    return OnScale(
        volume=Scaled(values=volume, offset=np.zeros_like(peak), divisor=np.ones_like(peak), pooled=True), peak=peak
    )


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One value of the option: what it does to a volume (x, y, ...), and the same in a sentence that ends with its source."""

    apply: Callable[[Real], OnScale]
    words: str


#: the option's values; the first is the default
SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "cmrxrecon2023": Scale(
            apply=by_own_maximum,
            words="each picture over its own largest value, data range 1; CMRxRecon 2023, Evaluation/Evaluation.py",
        ),
        "cmrxrecon2024": Scale(
            apply=by_deviation,
            words="each picture less its mean, over its standard deviation, data range the largest result; CMRxRecon 2024, "
            "evaluation-2024/Test_Score2024.py",
        ),
        "cmrxrecon2025": Scale(
            apply=by_percentile,
            words="magnitudes of each picture over their 99.5th percentile, data range the largest result; CMRxRecon 2025, "
            "test-2025/Test_Score2025.py",
        ),
        "fastmri": Scale(
            apply=as_it_is,
            words="values as they stand, so that a gain counts, data range the largest value of the volume; fastMRI, "
            "fastmri/evaluate.py",
        ),
    }
)
#: years whose scripts call calmetric(gt, recon) where it is declared calmetric(recon, gt): the reconstruction is the reference
SWAPPED = frozenset({"cmrxrecon2024", "cmrxrecon2025"})
#: value of the option `order` -> what it does, and its source; the first is the default
ORDERS: Mapping[str, str] = MappingProxyType(
    {
        DECLARED: "data range and NMSE's denominator come from the reference; as CMRxRecon declares calmetric(pred_recon, gt_recon)",
        AS_CALLED: "under the scales of 2024 and 2025 they come from the reconstruction; as those years' scripts call "
        "calmetric(gt, recon); a bright pixel of an answer raises its own PSNR and SSIM then",
    }
)


def swap(prediction: OnScale, reference: OnScale) -> tuple[OnScale, OnScale]:
    """(reference, prediction), so that metrics take the data range and the denominator from the prediction.

    One bright pixel of the prediction then raises the data range, and SSIM and PSNR with it: for comparing with a year's
    published numbers, not for ranking. Pictures of the prediction without any range (all zero, one value) cannot give one: there both stay in their places.
    """
    stays = ~(prediction.peak > FAINTEST)
    if not stays.any():
        return reference, prediction
    return _choose(stays, prediction, reference), _choose(stays, reference, prediction)


def over_range(pair: tuple[OnScale, OnScale]) -> tuple[Scaled, Scaled]:
    """Both over the second one's data range, picture by picture: metrics of a data range of 1 give what they would of it."""
    first, second = pair
    return first.volume.over(second.peak), second.volume.over(second.peak)


def _largest(volume: Real) -> Numbers:
    return np.asarray(volume.max(axis=(0, 1)), dtype=np.float64)


def _choose(where: NDArray[np.bool_], one: OnScale, other: OnScale) -> OnScale:
    """The pictures of `one` in the places `where` (...), those of `other` elsewhere."""
    return OnScale(
        volume=Scaled(
            values=np.where(where, one.volume.values, other.volume.values),
            offset=np.where(where, one.volume.offset, other.volume.offset),
            divisor=np.where(where, one.volume.divisor, other.volume.divisor),
            magnitude=one.volume.magnitude,
        ),
        peak=np.where(where, one.peak, other.peak),
    )
