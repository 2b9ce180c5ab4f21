"""Two label maps of one case, lined up, and what several metrics need of them: computed once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.datasets import diagonal
from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric
from evaluators.metrics.labels.boxes_kernel import TYPES, class_boxes

Mask = NDArray[np.bool_]
Labels = NDArray[np.integer[Any]]
Box = tuple[slice, ...]

#: mm from voxel to voxel: far beyond any scanner or microscope, and areas and squares of distances stay within float64
LEAST_STEP, LARGEST_STEP = 1e-6, 1e6


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelPair:
    """What a metric of the family `labels` is called with.

    prediction, reference: the same shape of two or three axes, whole numbers, 0 is background; labels that `classes` does
    not list count as background. classes: what is scored, in the order of the values a metric returns: labels, or sets of
    labels that count as one mask, such as (1, 3).
    spacing: mm from voxel to voxel, one number an axis, in the arrays' own order.
    Raises ShapeMismatch; UndefinedMetric for spacing or classes that make no sense.
    """

    prediction: Labels
    reference: Labels
    classes: tuple[int | tuple[int, ...], ...]
    spacing: tuple[float, ...]
    #: what metrics keep here for each other, such as surface distances: (what, which class) -> anything
    shared: dict[tuple[str, int], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.prediction.shape != self.reference.shape or self.reference.ndim not in {2, 3}:
            raise ShapeMismatch(prediction=self.prediction.shape, reference=self.reference.shape)
        if len(self.spacing) != self.reference.ndim or not all(
            LEAST_STEP <= step <= LARGEST_STEP for step in self.spacing
        ):
            raise UndefinedMetric(
                f"spacing needs {self.reference.ndim} positive numbers from {LEAST_STEP:g} to {LARGEST_STEP:g} mm, "
                f"not {self.spacing}"
            )
        sets = {frozenset(members) for members in self.members}
        if not sets or not all(sets) or min(map(min, sets)) < 1 or len(sets) != len(self.classes):
            raise UndefinedMetric(
                f"classes must be different whole numbers from 1 on, or sets of them, not {self.classes}"
            )

    @property
    def diagonal(self) -> float:
        """Length of the image's diagonal in mm: what a surface metric counts where one of the masks is empty."""
        return diagonal(self.reference.shape, spacing=self.spacing)

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """For each class its labels."""
        return tuple((one,) if isinstance(one, int) else tuple(one) for one in self.classes)

    @cached_property
    def boxes(self) -> tuple[Box | None, ...]:
        """For each class the smallest box that holds it in both maps; None where it is in neither. One pass a map."""
        labels = sorted({label for members in self.members for label in members})
        places = np.full(labels[-1] + 1, -1, dtype=np.int64)
        places[labels] = np.arange(len(labels))
        found = [_ends(voxels, places) for voxels in (self.prediction, self.reference)]
        low, high = np.minimum(found[0][0], found[1][0]), np.maximum(found[0][1], found[1][1])
        # a label that is nowhere has a first place beyond every other and a last one before: it widens no box
        of_class = [places[list(members)] for members in self.members]
        lowest = np.array([low[which].min(axis=0) for which in of_class])
        highest = np.array([high[which].max(axis=0) for which in of_class])
        return tuple(
            tuple(slice(start, stop + 1) for start, stop in zip(low, high, strict=True)) if high[0] >= 0 else None
            for low, high in zip(lowest.tolist(), highest.tolist(), strict=True)
        )

    def masks(self, position: int, *, margin: int = 0) -> tuple[Mask, Mask]:
        """(prediction, reference) of the class at `position`, cropped to its box; two empty arrays where it is in neither.

        margin: voxels around the box that are kept, where the image has them.
        """
        box, members = self.boxes[position], self.members[position]
        if box is None:
            empty = np.zeros((0,) * self.reference.ndim, dtype=np.bool_)
            return empty, empty
        cut = tuple(
            slice(max(0, part.start - margin), min(size, part.stop + margin))
            for part, size in zip(box, self.reference.shape, strict=True)
        )
        return _holding(self.prediction[cut], members), _holding(self.reference[cut], members)


def _holding(labels: Labels, members: tuple[int, ...]) -> Mask:
    """Where any of the labels is, in C order whatever the map's order: kernels read along the last axis."""
    mask: Mask = np.equal(labels, members[0], order="C")
    for label in members[1:]:
        mask |= np.equal(labels, label, order="C")
    return mask


def _ends(labels: Labels, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(first, last) place of each class along each axis, both (class, axis); last is -1 where the class is nowhere."""
    turned = labels.flags.f_contiguous and not labels.flags.c_contiguous
    kind = labels.dtype if labels.dtype.isnative and labels.dtype.str[1:] in TYPES else np.dtype(np.int64)
    ordered = np.require(labels.T if turned else labels, dtype=kind, requirements=["C", "A"])
    sizes = (1, 1, *ordered.shape)[-3:]
    ends = class_boxes(ordered.reshape(sizes), places)[:, 3 - labels.ndim :]
    if turned:
        ends = ends[:, ::-1]
    return ends[:, :, 0], ends[:, :, 1]
