"""How far the surfaces of two masks are from each other, piece by piece: what HD95, NSD and ASSD are made of.

A piece is a border voxel, as MONAI, MetricsReloaded and medpy have it, or a surfel at a corner with its own area, as
surface-distance has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.labels.borders import border
from evaluators.metrics.labels.nearest import distances_between
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.labels.surfels import surfels

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


class Piece(StrEnum):
    """What a surface is cut into."""

    VOXEL = "voxel"
    SURFEL = "surfel"


@dataclass(frozen=True, kw_only=True, eq=False)
class SurfacePair:
    """The pieces of both surfaces. No pieces: the mask is empty, and the distances to it are infinite."""

    #: mm from each piece of the prediction's surface to the nearest piece of the reference's
    to_reference: Values
    #: and the other way round
    to_prediction: Values
    #: of the prediction's pieces, in the order of `to_reference`: mm^2, in 2-D mm; 1 for a border voxel
    prediction_areas: Values
    reference_areas: Values

    @property
    def empty_masks(self) -> int:
        """How many of the two masks are empty."""
        return int(not self.to_reference.size) + int(not self.to_prediction.size)


def surfaces_between(
    prediction: Mask, reference: Mask, *, spacing: tuple[float, ...], piece: Piece = Piece.VOXEL
) -> SurfacePair:
    """Both surfaces and the distances between them.

    prediction, reference: (x, y) or (x, y, z), the same shape; what lies beyond is outside, so that a mask that touches the
    array's edge has a surface there. spacing: mm, one number an axis. A crop that holds both masks gives the same.
    """
    if piece is Piece.VOXEL:
        points = [border(mask) for mask in (prediction, reference)]
        areas = [np.ones(np.count_nonzero(marked)) for marked in points]
    else:
        pieces = [surfels(mask, spacing=spacing) for mask in (prediction, reference)]
        points = [marked for marked, _ in pieces]
        areas = [found for _, found in pieces]
    if all(found.size for found in areas):
        there, back = distances_between(*points, spacing=spacing)
    else:
        there, back = (np.full(found.size, np.inf) for found in areas)
    return SurfacePair(to_reference=there, to_prediction=back, prediction_areas=areas[0], reference_areas=areas[1])


def class_surfaces(pair: LabelPair, position: int, *, piece: Piece) -> SurfacePair:
    """The surfaces of one class, kept in the pair for the next metric."""
    key = f"surfaces, {piece}", position
    if key not in pair.shared:
        pair.shared[key] = surfaces_between(*pair.masks(position), spacing=pair.spacing, piece=piece)
    kept: SurfacePair = pair.shared[key]
    return kept
