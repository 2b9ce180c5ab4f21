"""The induced matching from its definition, slowly: ranks over Z/2 of boundary matrices, whole numbers as bit vectors."""

from __future__ import annotations

from itertools import product

import numpy as np

from .drawings import Mask

Cell = tuple[int, ...]
#: of the grid of cells, odd coordinates are extents


def _cells(mask: Mask, connectivity: str) -> set[Cell]:
    """Cells of the mask's complex. low: voxels are at even coordinates; high: at odd ones, with all their faces."""
    if connectivity == "high":
        return {
            tuple(2 * at + 1 + step for at, step in zip(voxel, steps, strict=True))
            for voxel in np.argwhere(mask)
            for steps in product((-1, 0, 1), repeat=mask.ndim)
        }
    whole = product(*(range(2 * size - 1) for size in mask.shape))
    return {cell for cell in whole if all(mask[corner] for corner in _corners(cell))}


def _corners(cell: Cell) -> list[Cell]:
    return list(product(*({at // 2, (at + 1) // 2} for at in cell)))


def _dimension(cell: Cell) -> int:
    return sum(at % 2 for at in cell)


def _faces(cell: Cell) -> list[Cell]:
    return [(*cell[:axis], at + step, *cell[axis + 1 :]) for axis, at in enumerate(cell) if at % 2 for step in (-1, 1)]


class _Span:
    """Grows by vectors; says whether one is new."""

    def __init__(self) -> None:
        self.by_lead: dict[int, int] = {}

    def takes(self, vector: int) -> bool:
        while vector:
            lead = vector.bit_length()
            if lead not in self.by_lead:
                self.by_lead[lead] = vector
                return True
            vector ^= self.by_lead[lead]
        return False


def matched_features(prediction: Mask, reference: Mask, *, connectivity: str) -> tuple[int, ...]:
    """Matched features of each dimension; the oldest pieces of two masks that are not empty are matched.

    A feature of a mask ends in the union at a cell when boundaries of cells so far, of those that lie in the mask alone,
    become one dimension more with it. It is matched where one of the other mask ends at the same cell.
    """
    axes = prediction.ndim
    inside = [_cells(mask, connectivity) for mask in (prediction, reference)]
    union = _cells(prediction | reference, connectivity)
    # by first grid point, then by axis: of an edge its own, of a square the one that it is normal to
    box = sorted(
        _cells(np.ones_like(prediction), connectivity),
        key=lambda cell: (cell not in union, [at // 2 for at in cell], _kind(cell)),
    )
    place = {cell: at for at, cell in enumerate(box)}
    matched = []
    for dimension in range(axes):
        ends = [_ends(box, place=place, own=own, union=union, dimension=dimension) for own in inside]
        matched.append(len(ends[0] & ends[1]))
    matched[0] += bool(inside[0]) and bool(inside[1])
    return tuple(matched)


def _kind(cell: Cell) -> int:
    extents = [axis for axis, at in enumerate(cell) if at % 2]
    if len(extents) == 2 and len(cell) == 3:
        return ({0, 1, 2} - set(extents)).pop()
    return extents[0] if extents else 0


def _ends(box: list[Cell], *, place: dict[Cell, int], own: set[Cell], union: set[Cell], dimension: int) -> set[Cell]:
    all_boundaries, beyond_the_mask = _Span(), _Span()
    ends = set()
    for cell in box:
        if _dimension(cell) != dimension + 1:
            continue
        faces = _faces(cell)
        whole = sum(1 << place[face] for face in faces)
        outside = sum(1 << place[face] for face in faces if face not in own)
        new, new_outside = all_boundaries.takes(whole), beyond_the_mask.takes(outside)
        if new and not new_outside and cell not in union:
            ends.add(cell)
    return ends
