"""Which pieces, holes and cavities a prediction has too many or too few, and where: what `betti_error` only counts.

Pieces are components of the mask, holes (two axes) and cavities (three) components of what is around it, the outer one left
out, in the neighbourhoods that `betti.py` states. Each of the prediction's is paired with at most one of the reference's, so
that all pairs together share the most voxels; what is left over is extra or missing. Hence extra - missing is the difference
of the Betti numbers. Loops of a volume lie in no one place and are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from evaluators.metrics.labels.pair import Box
from evaluators.metrics.lesions.instances import Counts, Mask, Numbers, Overlaps, components, overlaps
from evaluators.metrics.topology.betti import HIGH, LOW, betti_numbers, check


class Feature(StrEnum):
    """What can be too many or too few."""

    PIECE = "piece"
    #: of a mask in two axes
    HOLE = "hole"
    #: of a mask in three
    LOOP = "loop"
    CAVITY = "cavity"


class Cause(StrEnum):
    """What the other map has in a fault's place."""

    #: of a piece: nothing
    ALONE = "alone"
    #: of a hole: mostly structure
    FILLED = "filled"
    #: of a hole: mostly the outer background
    OPEN = "open"
    #: of what is extra: something that already answers for another one of the prediction
    DIVIDED = "divided"
    #: of what is missing: something that already answers for another one of the reference
    JOINED = "joined"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One feature without a counterpart. extra: the prediction has it; else the reference has."""

    feature: Feature
    extra: bool
    cause: Cause
    voxels: int
    #: the one of its voxels that lies nearest to its centre
    voxel: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Faults:
    """found: how many there are; listed: the largest of them, largest first."""

    found: int
    listed: tuple[Fault, ...]


def find_faults(prediction: Mask, reference: Mask, *, connectivity: str = LOW, most: int = 100) -> Faults:
    """What has no counterpart. prediction, reference: (x, y) or (x, y, z), the same shape; most: how many to look at closely.

    Raises MetricError for another number of axes or another connectivity.
    """
    check(prediction, connectivity=connectivity)
    room = Feature.HOLE if prediction.ndim == 2 else Feature.CAVITY
    corners = connectivity == HIGH
    maps = (
        _Maps(
            feature=Feature.PIECE, ours=_pieces(prediction, corners=corners), theirs=_pieces(reference, corners=corners)
        ),
        # the background takes the other neighbourhood
        _Maps(
            feature=room, ours=_rooms(prediction, corners=not corners), theirs=_rooms(reference, corners=not corners)
        ),
    )
    left = [one for each in maps for one in each.without_counterpart()]
    left.sort(key=lambda one: (-one.voxels, one.maps.feature, not one.extra, one.number))
    listed = tuple(one.looked_at(prediction, reference) for one in left[:most])
    return Faults(found=len(left), listed=listed)


def feature_counts(mask: Mask, *, connectivity: str = LOW) -> dict[Feature, int]:
    """Feature -> how many the mask has. Raises MetricError."""
    names = (Feature.PIECE, Feature.HOLE) if mask.ndim == 2 else (Feature.PIECE, Feature.LOOP, Feature.CAVITY)
    return dict(zip(names, betti_numbers(mask, connectivity=connectivity), strict=True))


def _pieces(mask: Mask, *, corners: bool) -> Numbers:
    return components(mask, corners=corners)[0]


def _rooms(mask: Mask, *, corners: bool) -> Numbers:
    """Holes or cavities from 1 on; 0 in the mask and in what hangs together with the world beyond the array."""
    numbers, _ = components(~np.pad(mask, 1), corners=corners)
    # the border is met first, so that all that hangs on it is number 1
    inner = numbers[(slice(1, -1),) * mask.ndim] - 1
    return np.maximum(inner, 0, dtype=np.int32)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Maps:
    """Numbered features of one kind in both masks."""

    feature: Feature
    ours: Numbers
    theirs: Numbers

    def without_counterpart(self) -> Iterator[_Left]:
        ours, theirs = (np.bincount(numbers.ravel(), minlength=1) for numbers in (self.ours, self.theirs))
        paired = _most_common(overlaps(self.ours, self.theirs), ours=ours.size - 1, theirs=theirs.size - 1)
        for extra, counted, taken in ((True, ours, paired[0]), (False, theirs, paired[1])):
            for number in np.setdiff1d(np.arange(1, counted.size), taken):
                yield _Left(maps=self, extra=extra, number=int(number), voxels=int(counted[number]))

    @cached_property
    def boxes(self) -> tuple[list[Box | None], list[Box | None]]:
        """Of ours and of theirs, by number less 1."""
        return ndimage.find_objects(self.ours), ndimage.find_objects(self.theirs)


def _most_common(shared: Overlaps, *, ours: int, theirs: int) -> tuple[Counts, Counts]:
    """The numbers on both sides of the one-to-one pairing in which the pairs share the most voxels."""
    if not shared.first.size:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    # each of ours may also stay alone: a column of its own that is worth as much as no voxel at all
    alone = np.arange(ours)
    worth = coo_array(
        (
            np.concatenate([shared.voxels + 1.0, np.ones(ours)]),
            (np.concatenate([shared.first - 1, alone]), np.concatenate([shared.second - 1, theirs + alone])),
        ),
        shape=(ours, theirs + ours),
    )
    rows, columns = min_weight_full_bipartite_matching(worth.tocsr(), maximize=True)
    both = columns < theirs
    return rows[both] + 1, columns[both] + 1


@dataclass(frozen=True, kw_only=True, eq=False)
class _Left:
    """One feature that nothing answers for."""

    maps: _Maps
    extra: bool
    number: int
    voxels: int

    def looked_at(self, prediction: Mask, reference: Mask) -> Fault:
        own, other, mask = (
            (self.maps.ours, self.maps.theirs, reference)
            if self.extra
            else (self.maps.theirs, self.maps.ours, prediction)
        )
        box = self.maps.boxes[0 if self.extra else 1][self.number - 1]
        assert box is not None  # noqa: S101 -- it has voxels
        inside = own[box] == self.number
        places = np.argwhere(inside)
        nearest = places[np.square(places - places.mean(axis=0)).sum(axis=1).argmin()]
        return Fault(
            feature=self.maps.feature,
            extra=self.extra,
            cause=self._cause(taken=other[box][inside] != 0, structure=mask[box][inside]),
            voxels=self.voxels,
            voxel=tuple(int(at + part.start) for at, part in zip(nearest, box, strict=True)),
        )

    def _cause(self, *, taken: Mask, structure: Mask) -> Cause:
        """taken, structure: (voxel,) of the other map in this place: whether one of its features, whether its mask."""
        shared = Cause.DIVIDED if self.extra else Cause.JOINED
        if self.maps.feature is Feature.PIECE:
            return shared if taken.any() else Cause.ALONE
        shares = {shared: taken.sum(), Cause.FILLED: structure.sum(), Cause.OPEN: (~taken & ~structure).sum()}
        return max(shares, key=lambda cause: int(shares[cause]))
