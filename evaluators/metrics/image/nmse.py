"""Normalised mean squared error: how much of the reference's energy the error has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.image.pictures import check_same_shape
from evaluators.metrics.image.scaled import Volume
from evaluators.metrics.image.sums import pooled, sums_of
from evaluators.metrics.registry import metric

NMSE = MetricSpec(
    key="nmse",
    family=Family.IMAGE,
    title="NMSE",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=1.0,
    source="Zbontar et al. 2018, arXiv:1811.08839",
    peer="numpy.linalg.norm(r - p)**2 / numpy.linalg.norm(r)**2, per picture; with fastMRI's scale over the volume",
    edge="An all-zero prediction scores 1; a reference without energy is the dataset's fault.",
)


@metric(NMSE)
def nmse(prediction: Volume, reference: Volume) -> NDArray[np.float64]:
    """Energy of the error over energy of the reference, one number a picture.

    NMSE = sum (prediction - reference)^2 / sum reference^2, both sums over x and y, in float64.
    prediction, reference: (x, y, ...), real, the same (arbitrary) intensity unit. Returns (...), dimensionless.
    An all-zero prediction scores exactly 1. A pooled reference has both sums over the whole volume, as fastMRI, and every
    picture that number.
    Raises ShapeMismatch; UndefinedMetric for a reference picture (pooled: a whole reference) without energy.
    """
    check_same_shape(prediction, reference)
    found = sums_of(prediction, reference)
    energy = pooled(found.energy, reference)
    if (energy == 0).any():
        raise UndefinedMetric("NMSE needs a reference with energy in every picture")
    values: NDArray[np.float64] = pooled(found.error, reference) / energy
    return values
