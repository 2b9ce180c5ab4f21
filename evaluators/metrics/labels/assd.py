"""Average symmetric surface distance, in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.labels.surfaces import Piece, SurfacePair, class_surfaces
from evaluators.metrics.registry import metric

ASSD = MetricSpec(
    key="assd",
    family=Family.LABELS,
    title="ASSD",
    unit="mm",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=None,
    source="Heimann et al. 2009, doi:10.1109/TMI.2009.2013851; Yeghiazaryan and Voiculescu 2018, doi:10.1117/1.JMI.5.1.015006",
    peer="medpy.metric.binary.assd",
    edge="Both masks empty 0; one empty the image's diagonal in mm, size times spacing. A mask that touches the image's edge "
    "has a surface there.",
)


@metric(ASSD)
def assd(pair: LabelPair) -> NDArray[np.float64]:
    """Mean distance between the surfaces of prediction and reference, one number a class.

    The mean over the border voxels of both masks of the distance to the other's nearest border voxel: the longer border
    has the greater say. Returns (class,), mm.
    """
    return np.array(
        [
            _assd(class_surfaces(pair, position, piece=Piece.VOXEL), diagonal=pair.diagonal)
            for position in range(len(pair.classes))
        ],
        dtype=np.float64,
    )


def _assd(surfaces: SurfacePair, *, diagonal: float) -> float:
    if surfaces.empty_masks:
        return diagonal if surfaces.empty_masks == 1 else 0.0
    return float(np.concatenate([surfaces.to_reference, surfaces.to_prediction]).mean())
