"""Error of a T1, T2 or T2* map as a share of the true time."""

from __future__ import annotations

import numpy as np

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.image.scaled import FAINTEST, Volume
from evaluators.metrics.registry import metric
from evaluators.metrics.volume.region import Region, lined_up

MAP_RELATIVE_ERROR = MetricSpec(
    key="map_relative_error",
    family=Family.VOLUME,
    title="Map relative error",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=1.0,
    source="Wang et al. 2024, CMRxRecon, doi:10.1038/s41597-024-03525-4 (quantitative maps)",
    peer="sklearn.metrics.mean_absolute_percentage_error(r, p), over the region",
    edge="A map of zeros scores 1; an empty region, or a reference in it that is not above 0, is the dataset's fault.",
)


@metric(MAP_RELATIVE_ERROR)
def map_relative_error(prediction: Volume, reference: Volume, *, region: Region | None = None) -> float:
    """Mean of |prediction - reference| / reference within the region: voxels of short and long times weigh the same.

    prediction, reference: (x, y, ...), ms; region: (x, y), their shape or between, bool. Returns a number without unit.
    Raises ShapeMismatch, UndefinedMetric.
    """
    mine, theirs, counts = lined_up(prediction, reference, region=region)
    truth = theirs[counts]
    if not (truth > FAINTEST).all():
        raise UndefinedMetric("a relative error needs a reference above 0 ms everywhere in the region")
    return float((np.abs(mine[counts] - truth) / truth).mean())
