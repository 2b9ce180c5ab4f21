"""Root mean squared error over the reference's largest value, as CMRxRecon 2026 ranks magnitudes."""

from __future__ import annotations

import numpy as np

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.image.scaled import FAINTEST, Volume
from evaluators.metrics.registry import metric
from evaluators.metrics.volume.region import Region, lined_up

NRMSE = MetricSpec(
    key="nrmse",
    family=Family.VOLUME,
    title="nRMSE",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=1.0,
    source="CMRxRecon 2026, evaluation-2026/utils_metrics.py",
    peer="sqrt(skimage.metrics.mean_squared_error(r, p)) / r.max(), over the region",
    edge="A region that is empty, or in which the reference has no value above 0, is the dataset's fault.",
)


@metric(NRMSE)
def nrmse(prediction: Volume, reference: Volume, *, region: Region | None = None) -> float:
    """Root of the mean squared error over the largest value of the reference, both within the region.

    prediction, reference: (x, y, z, ...), real, the same (arbitrary) unit; region: (x, y, z) or their shape, bool.
    Returns a number without unit. Raises ShapeMismatch, UndefinedMetric.
    """
    mine, theirs, counts = lined_up(prediction, reference, region=region)
    peak = theirs[counts].max()
    if not peak > FAINTEST:
        raise UndefinedMetric("nRMSE needs a reference with a value above 0 in the region")
    return float(np.sqrt(np.square(mine - theirs)[counts].mean()) / peak)
