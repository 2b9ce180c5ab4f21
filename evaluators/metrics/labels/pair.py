"""Two label maps of one case, lined up, and what several metrics need of them: computed once, when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import dist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric

Mask = NDArray[np.bool_]
Labels = NDArray[np.integer[Any]]
Box = tuple[slice, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelPair:
    """What a metric of the family `labels` is called with.

    prediction, reference: the same shape of two or three axes, whole numbers, 0 is background; labels that `classes` does
    not list count as background. classes: the labels that are scored, in the order of the values a metric returns.
    spacing: mm from voxel to voxel, one number an axis, in the arrays' own order.
    Raises ShapeMismatch; UndefinedMetric for spacing or classes that make no sense.
    """

    prediction: Labels
    reference: Labels
    classes: tuple[int, ...]
    spacing: tuple[float, ...]
    #: what metrics keep here for each other, such as surface distances: (what, which class) -> anything
    shared: dict[tuple[str, int], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.prediction.shape != self.reference.shape or self.reference.ndim not in {2, 3}:
            raise ShapeMismatch(prediction=self.prediction.shape, reference=self.reference.shape)
        if len(self.spacing) != self.reference.ndim or not all(0 < step < float("inf") for step in self.spacing):
            raise UndefinedMetric(f"spacing needs {self.reference.ndim} positive numbers in mm, not {self.spacing}")
        if not self.classes or min(self.classes) < 1 or len(set(self.classes)) != len(self.classes):
            raise UndefinedMetric(f"classes must be different whole numbers from 1 on, not {self.classes}")

    @property
    def diagonal(self) -> float:
        """Length of the image's diagonal in mm: what a surface metric counts where one of the masks is empty."""
        sides = [size * step for size, step in zip(self.reference.shape, self.spacing, strict=True)]
        return dist([0.0] * len(sides), sides)

    @cached_property
    def boxes(self) -> tuple[Box | None, ...]:
        """For each class the smallest box that holds it in both maps; None where it is in neither. One pass a map."""
        highest = max(self.classes)
        found = [ndimage.find_objects(labels, max_label=highest) for labels in (self.prediction, self.reference)]
        return tuple(_hull([boxes[label - 1] for boxes in found]) for label in self.classes)

    def masks(self, position: int, *, margin: int = 0) -> tuple[Mask, Mask]:
        """(prediction, reference) of the class at `position`, cropped to its box; two empty arrays where it is in neither.

        margin: voxels around the box that are kept, where the image has them.
        """
        box, label = self.boxes[position], self.classes[position]
        if box is None:
            empty = np.zeros((0,) * self.reference.ndim, dtype=np.bool_)
            return empty, empty
        cut = tuple(
            slice(max(0, part.start - margin), min(size, part.stop + margin))
            for part, size in zip(box, self.reference.shape, strict=True)
        )
        return self.prediction[cut] == label, self.reference[cut] == label


def _hull(boxes: Sequence[Box | None]) -> Box | None:
    there = [box for box in boxes if box is not None]
    if not there:
        return None
    return tuple(
        slice(min(part.start for part in axis), max(part.stop for part in axis)) for axis in zip(*there, strict=True)
    )
