"""Error of a T1, T2 or T2* map in milliseconds."""

from __future__ import annotations

import numpy as np

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.image.scaled import Volume
from evaluators.metrics.registry import metric
from evaluators.metrics.volume.region import Region, lined_up

#: the error has no upper end, and a missing case must count something finite that no map comes near
MISSING_MS = 5000.0

MAP_RMSE = MetricSpec(
    key="map_rmse",
    family=Family.VOLUME,
    title="Map RMSE",
    unit="ms",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=MISSING_MS,
    source="Wang et al. 2024, CMRxRecon, doi:10.1038/s41597-024-03525-4 (quantitative maps)",
    peer="sqrt(skimage.metrics.mean_squared_error(r, p)), over the region",
    edge=f"An empty region is the dataset's fault. A missing case counts {MISSING_MS:.0f} ms, longer than any T1 of tissue.",
)


@metric(MAP_RMSE)
def map_rmse(prediction: Volume, reference: Volume, *, region: Region | None = None) -> float:
    """Root of the mean squared error of a relaxation time within the region, such as the myocardium.

    prediction, reference: (x, y, ...), ms; region: (x, y), their shape or between, bool. Returns ms.
    Raises ShapeMismatch, UndefinedMetric.
    """
    mine, theirs, counts = lined_up(prediction, reference, region=region)
    return float(np.sqrt(np.square(mine - theirs)[counts].mean()))
