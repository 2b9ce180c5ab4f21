"""Angle between predicted and true velocity, as CMRxRecon 2026 ranks flow."""

from __future__ import annotations

import numpy as np

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.image.scaled import Volume
from evaluators.metrics.registry import metric
from evaluators.metrics.volume.region import Region, Values, lengths, lined_up

ANGERR = MetricSpec(
    key="angerr",
    family=Family.VOLUME,
    vectors=True,
    title="AngErr",
    unit="°",
    better=Better.LOWER,
    bounds=(0.0, 180.0),
    worst=180.0,
    source="CMRxRecon 2026, evaluation-2026/utils_metrics.py",
    peer="mean of numpy.arccos of the cosine, in degrees, over the region",
    edge="Where either vector has no length, direction is unknown and counts 90 degrees; an empty region is the dataset's fault.",
)


@metric(ANGERR)
def angerr(prediction: Volume, reference: Volume, *, region: Region | None = None) -> float:
    """Mean angle between the vectors of prediction and reference within the region; speeds do not count.

    prediction, reference: (component, x, y, z, ...), real, any unit; region: (x, y, z) or (x, y, z, ...), bool.
    Returns degrees. Raises ShapeMismatch, UndefinedMetric.
    """
    mine, theirs, counts = lined_up(prediction, reference, region=region, components=1)
    first, second = _directions(mine[:, counts]), _directions(theirs[:, counts])
    # Kahan's formula: exact for small angles, where the cosine is not
    angles = 2 * np.arctan2(lengths(first - second), lengths(first + second))
    return float(np.degrees(angles).mean())


def _directions(vectors: Values) -> Values:
    """Unit vectors (component, ...); zero where there is no length, which makes the angle 90 degrees to any other."""
    length = lengths(vectors)
    return vectors / np.where(length > 0, length, 1.0)
