"""Normalised surface distance, also called surface Dice: the share of both surfaces that lies within a tolerance of the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec, Number
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.labels.surfaces import Piece, SurfacePair, class_surfaces
from evaluators.metrics.registry import metric

Values = NDArray[np.float64]

VOXEL, SURFEL = "voxel", "surfel"

NSD = MetricSpec(
    key="nsd",
    family=Family.LABELS,
    title="NSD",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Nikolov et al. 2021, arXiv:1809.04430; Seidlitz et al. 2022, arXiv:2111.05408",
    peer="monai.metrics.compute_surface_dice; surface_distance.compute_surface_dice_at_tolerance",
    options={
        "variant": Choice(
            values={
                VOXEL: "border voxels, counted; a distance is compared with the tolerance in single precision: MONAI",
                SURFEL: "elements at the voxels' corners, weighed by their area; compared in double precision: "
                "surface-distance, and MONAI with use_subvoxels up to the precision",
            }
        ),
        "tolerance": Number(unit="mm"),
    },
    edge="Both masks empty 1, one empty 0. A mask that touches the image's edge has a surface there.",
)


@metric(NSD)
def nsd(pair: LabelPair, *, tolerance: float, variant: str = VOXEL) -> Values:
    """Share of the two surfaces that lies within `tolerance` (mm) of the other one, one number a class.

    (area of the prediction's surface within + area of the reference's within) / (area of both); a distance equal to the
    tolerance is within. Returns (class,), dimensionless.
    """
    piece, within = _VARIANTS[variant]
    return np.array(
        [
            _nsd(class_surfaces(pair, position, piece=piece), within=within, tolerance=tolerance)
            for position in range(len(pair.classes))
        ],
        dtype=np.float64,
    )


def _within_single(distances: Values, tolerance: float) -> NDArray[np.bool_]:
    within: NDArray[np.bool_] = distances.astype(np.float32) <= np.float32(tolerance)
    return within


def _within_double(distances: Values, tolerance: float) -> NDArray[np.bool_]:
    return distances <= tolerance


def _nsd(surfaces: SurfacePair, *, within: Callable[[Values, float], NDArray[np.bool_]], tolerance: float) -> float:
    if surfaces.empty_masks:
        return 0.0 if surfaces.empty_masks == 1 else 1.0
    near = (
        surfaces.prediction_areas[within(surfaces.to_reference, tolerance)].sum()
        + surfaces.reference_areas[within(surfaces.to_prediction, tolerance)].sum()
    )
    return float(near / (surfaces.prediction_areas.sum() + surfaces.reference_areas.sum()))


_VARIANTS = {VOXEL: (Piece.VOXEL, _within_single), SURFEL: (Piece.SURFEL, _within_double)}
