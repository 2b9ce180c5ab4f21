"""How far the volume of a prediction is from that of its reference; where it lies plays no part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec
from evaluators.metrics.labels.counts import Counts, class_counts
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import metric

ABSOLUTE_RELATIVE, SYMMETRIC = "absolute_relative", "symmetric"

VOLUME_ERROR = MetricSpec(
    key="volume_error",
    family=Family.LABELS,
    title="Volume error",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=1.0,
    source="Maier-Hein et al. 2024, doi:10.1038/s41592-023-02151-z; Taha and Hanbury 2015, doi:10.1186/s12880-015-0068-x",
    peer="the absolute value of medpy.metric.binary.ravd, or of SimpleITK's GetVolumeSimilarity / 2",
    options={
        "kind": Choice(
            values={
                ABSOLUTE_RELATIVE: "|P - R| / |R|: medpy ravd without its sign, MetricsReloaded's AVDR",
                SYMMETRIC: "|P - R| / (P + R), 0 to 1: one less volumetric similarity",
            }
        )
    },
    edge="Both masks empty 0, one empty 1: a volume where the reference has none counts like a prediction that finds "
    "nothing. A missing case counts 1, a delivered value beyond it ranks as missing, never below.",
)


@metric(VOLUME_ERROR)
def volume_error(pair: LabelPair, *, kind: str = ABSOLUTE_RELATIVE) -> NDArray[np.float64]:
    """Difference of the volumes P of the prediction and R of the reference, one number a class.

    |P - R| / R, or |P - R| / (P + R). No sign: an error of either sign is an error, and a ranking needs one direction.
    Returns (class,), dimensionless.
    """
    return np.array([_error(count, kind=kind) for count in class_counts(pair)], dtype=np.float64)


def _error(count: Counts, *, kind: str) -> float:
    difference = abs(count.prediction - count.reference)
    if difference == 0:
        return 0.0
    whole = {ABSOLUTE_RELATIVE: count.reference, SYMMETRIC: count.prediction + count.reference}[kind]
    return difference / whole if whole else 1.0
