"""HD95 of many lesions against components that several of them share, every surface cut into pieces once.

Components of one mask never meet at a corner (they would be one), nor do lesions: a piece of surface belongs to one of them, and
the surface of any union is the union of their pieces. Of the pieces of a component that is large beside a lesion, most are
told to lie within the percentile or beyond it by the box that they share with their neighbours; the others are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evaluators.metrics.labels.area_percentile import area_percentile
from evaluators.metrics.labels.surfels import surfels
from evaluators.metrics.lesions.instances import Numbers

Values = NDArray[np.float64]
Places = NDArray[np.int64]

#: edge, in corners, of the boxes that pieces are told by together
_BOX = 6
#: surfaces of fewer pieces are measured piece by piece
_FEW = 4096
_SHARE = 0.95
_BINS = 1024
#: shares that are summed in another order differ by less, and so do distances, relative to themselves
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """Pieces of one object's surface, those of a box one after the other."""

    #: corner of each piece, in voxels (piece, axis)
    places: Places
    #: mm^2, in 2-D mm
    areas: Values
    #: mm from voxel to voxel
    steps: Values
    #: first piece of each box, and the end of the last
    starts: Places

    @cached_property
    def tree(self) -> cKDTree:
        """Of the corners in mm."""
        return cKDTree(self.places * self.steps)

    @cached_property
    def corners(self) -> tuple[Places, Places]:
        """First and last corner of each box (box, axis)."""
        begins = self.starts[:-1]
        return np.minimum.reduceat(self.places, begins), np.maximum.reduceat(self.places, begins)

    @cached_property
    def box_areas(self) -> Values:
        """(box,) what its pieces have together."""
        return np.add.reduceat(self.areas, self.starts[:-1])


def surfaces_by_number(numbers: Numbers, *, count: int, spacing: tuple[float, ...]) -> list[Surface]:
    """The surface of every object, in the order of their numbers from 1 on; each must have a voxel.

    numbers: (x, y) or (x, y, z), 0 outside; objects of different numbers share no corner.
    """
    marked, areas = surfels(numbers != 0, spacing=spacing)
    places = np.argwhere(marked)
    owners = np.zeros(len(places), dtype=np.int64)
    padded = np.pad(numbers, 1)
    for step in product((0, 1), repeat=numbers.ndim):
        np.maximum(owners, padded[tuple((places + step).T)], out=owners)
    cells = places // _BOX
    order = np.lexsort((*cells.T[::-1], owners))
    places, areas, owners, cells = places[order], areas[order], owners[order], cells[order]
    new = np.ones(len(places), dtype=np.bool_)
    new[1:] = (np.diff(owners) != 0) | (np.diff(cells, axis=0) != 0).any(axis=1)
    begins = np.flatnonzero(new)
    ends = np.searchsorted(owners, np.arange(1, count + 2))
    steps = np.asarray(spacing, dtype=np.float64)
    found = []
    for start, end in pairwise(ends.tolist()):
        inside = begins[np.searchsorted(begins, start) : np.searchsorted(begins, end)]
        found.append(
            Surface(
                places=places[start:end],
                areas=areas[start:end],
                steps=steps,
                starts=np.append(inside, end) - start,
            )
        )
    return found


def hd95_of(parts: Sequence[Surface], lesion: Surface) -> float:
    """The larger of the two directed 95th percentiles of surface area, in mm: the variant deepmind of `hd95`.

    parts: the surfaces of all components that are compared with the lesion, one or more.
    """
    back = area_percentile(_distances(lesion.places, parts), lesion.areas, share=_SHARE)
    return max(_there(parts, lesion), back)


def _there(parts: Sequence[Surface], lesion: Surface) -> float:
    """From the components to the lesion."""
    if sum(part.areas.size for part in parts) > _FEW:
        found = _by_boxes(parts, lesion)
        if found is not None:
            return found
    distances = np.concatenate([_distances(part.places, [lesion]) for part in parts])
    return area_percentile(distances, np.concatenate([part.areas for part in parts]), share=_SHARE)


def _by_boxes(parts: Sequence[Surface], lesion: Surface) -> float | None:
    """The same with most pieces told by the box that holds them, then by the lesion's; None where rounding could decide."""
    low = np.concatenate([part.corners[0] for part in parts])
    high = np.concatenate([part.corners[1] for part in parts])
    areas = np.concatenate([part.box_areas for part in parts])
    whole = float(areas.sum())
    asked, before = undecided(low, high, areas, lesion=lesion, before=0.0, needed=_SHARE * whole)
    places, own, begin = [], [], 0
    for part in parts:
        boxes = np.flatnonzero(asked[begin : begin + part.box_areas.size])
        begin += part.box_areas.size
        pieces = _ranges(part.starts[boxes], part.starts[boxes + 1])
        places.append(part.places[pieces])
        own.append(part.areas[pieces])
    corners, areas = np.concatenate(places), np.concatenate(own)
    asked, before = undecided(corners, corners, areas, lesion=lesion, before=before, needed=_SHARE * whole)
    measured = _distances(corners[asked], [lesion])
    order = np.argsort(measured)
    reached = np.concatenate([[before], before + np.cumsum(areas[asked][order])]) / whole
    place = int(np.searchsorted(reached, _SHARE))
    if np.abs(reached - _SHARE).min() < _ROUNDING or not 0 < place <= order.size:
        return None
    return float(measured[order[place - 1]])


def undecided(
    low: Places, high: Places, areas: Values, *, lesion: Surface, before: float, needed: float
) -> tuple[NDArray[np.bool_], float]:
    """(which boxes may hold the piece at which the area within reaches `needed`, the area of all that lies before them).

    low, high: first and last corner of each box (box, axis). before: area that is known to lie nearer than any of them.
    """
    nearest, farthest = _bounds(low, high, lesion=lesion)
    least = _reached(nearest, areas, needed=needed - before)[0]
    most = _reached(farthest, areas, needed=needed - before)[1]
    within = farthest < least
    return ~within & (nearest <= most), before + float(areas[within].sum())


def _bounds(low: Places, high: Places, *, lesion: Surface) -> tuple[Values, Values]:
    """mm that the pieces of each box lie from the lesion's surface at least and at most. low, high: (box, axis)."""
    steps, first, last = lesion.steps, lesion.places.min(axis=0), lesion.places.max(axis=0)
    gap = np.maximum(np.maximum(first - high, low - last), 0) * steps
    span = np.maximum(np.abs(high - first), np.abs(last - low)) * steps
    nearest, farthest = np.sqrt((gap**2).sum(axis=1)), np.sqrt((span**2).sum(axis=1))
    if np.max(last - first) > 2 * _BOX and low is not high:
        # a lesion that is large itself: how far it is from the middle of a box says more than its own box does
        reach = np.sqrt((((high - low) / 2 * steps) ** 2).sum(axis=1))
        middle = lesion.tree.query((low + high) / 2 * steps)[0]
        nearest, farthest = np.maximum(nearest, middle - reach), np.minimum(farthest, middle + reach)
    return nearest * (1 - _ROUNDING), farthest * (1 + _ROUNDING)


def _reached(bounds: Values, areas: Values, *, needed: float) -> tuple[float, float]:
    """Two values, the smallest of `bounds` within which the area is `needed` between them; by bins, without sorting."""
    longest = float(bounds.max())
    if longest == 0:
        return 0.0, 0.0
    bins = np.minimum(bounds * (_BINS / longest), _BINS - 1).astype(np.int64)
    reached = np.cumsum(np.bincount(bins, weights=areas, minlength=_BINS))
    # a bin more on either side: what is summed in another order may fall into the next
    place = int(np.searchsorted(reached, needed))
    return max(place - 1, 0) * longest / _BINS, (place + 2) * longest / _BINS


def _ranges(starts: Places, ends: Places) -> Places:
    """Every number from each start up to its end."""
    sizes = ends - starts
    shift = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) if sizes.size else starts
    return np.arange(int(sizes.sum())) + shift


def _distances(places: Places, others: Sequence[Surface]) -> Values:
    """mm from each corner to the nearest piece of any of the other surfaces, from whole numbers of voxels."""
    best = np.full(len(places), np.inf)
    for other in others:
        _, found = other.tree.query(places * other.steps)
        squares = (np.abs(places - other.places[found]) * other.steps) ** 2
        whole = squares[:, 0]
        for axis in range(1, squares.shape[1]):
            whole = whole + squares[:, axis]
        np.minimum(best, whole, out=best)
    distances: Values = np.sqrt(best)
    return distances
