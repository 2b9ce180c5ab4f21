"""Hausdorff distance without the farthest five per cent, in mm, in the three ways that the field computes it."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec
from evaluators.metrics.labels.area_percentile import area_percentile
from evaluators.metrics.labels.crop import crop_together
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.labels.surfaces import Piece, SurfacePair, class_surfaces, surfaces_between
from evaluators.metrics.registry import metric

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]

MONAI, MEDPY, DEEPMIND = "monai", "medpy", "deepmind"
_PIECES = {MONAI: Piece.VOXEL, MEDPY: Piece.VOXEL, DEEPMIND: Piece.SURFEL}
_PERCENT = 95.0

HD95 = MetricSpec(
    key="hd95",
    family=Family.LABELS,
    title="HD95",
    unit="mm",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=None,
    source="Huttenlocher et al. 1993, doi:10.1109/34.232073; Maier-Hein et al. 2024, doi:10.1038/s41592-023-02151-z",
    peer="monai.metrics.compute_hausdorff_distance(percentile=95); medpy.metric.binary.hd95; surface_distance."
    "compute_robust_hausdorff(percent=95)",
    options={
        "variant": Choice(
            values={
                MONAI: "the larger of the two directed 95th percentiles of border voxels' distances, interpolated: "
                "MetricsReloaded, and MONAI, whose single precision can move the fifth decimal",
                MEDPY: "the 95th percentile of both directions' distances together, interpolated: medpy",
                DEEPMIND: "the larger of the two directed 95th percentiles of surface area, elements at the voxels' corners, "
                "not interpolated: surface-distance",
            }
        )
    },
    edge="Both masks empty 0; one empty the image's diagonal in mm, size times spacing. A mask that touches the image's edge "
    "has a surface there.",
)


@metric(HD95)
def hd95(pair: LabelPair, *, variant: str = MONAI) -> Values:
    """95th percentile of the distances between the surfaces of prediction and reference, one number a class.

    The variants differ by up to a fifth on the same masks: see the spec. Returns (class,), mm.
    """
    values = np.zeros(len(pair.classes))
    for position in range(len(pair.classes)):
        surfaces = class_surfaces(pair, position, piece=_PIECES[variant])
        values[position] = min(_hd95(surfaces, variant=variant), pair.diagonal)
    return values


def hd95_between(prediction: Mask, reference: Mask, *, spacing: tuple[float, ...], variant: str = MONAI) -> float:
    """HD95 of two masks in mm, such as two lesions: both empty 0, one empty infinite.

    prediction, reference: (x, y) or (x, y, z), the same shape. spacing: mm, one number an axis.
    """
    cropped = crop_together(prediction, reference)
    return _hd95(surfaces_between(*cropped, spacing=spacing, piece=_PIECES[variant]), variant=variant)


def _hd95(surfaces: SurfacePair, *, variant: str) -> float:
    if surfaces.empty_masks:
        return inf if surfaces.empty_masks == 1 else 0.0
    there, back = surfaces.to_reference, surfaces.to_prediction
    if variant == MEDPY:
        return float(np.percentile(np.concatenate([there, back]), _PERCENT))
    if variant == MONAI:
        return float(max(np.percentile(there, _PERCENT), np.percentile(back, _PERCENT)))
    return max(
        area_percentile(there, surfaces.prediction_areas, share=_PERCENT / 100),
        area_percentile(back, surfaces.reference_areas, share=_PERCENT / 100),
    )
