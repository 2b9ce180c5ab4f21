"""The box of each class in a map of labels, compiled: one pass along runs of one label, background skipped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types

#: looked at together: all zero is passed over at once
_STRETCH = 32
#: types that have a loop of their own; what else holds whole numbers is converted to the last
TYPES = ("u1", "i2", "i4", "i8")
_PLACES = types.Array(types.int64, 1, "C")
_BOXES = types.Array(types.int64, 3, "C")
#: maps that must not be written to, such as memory maps, are taken too
_SIGNATURES = [
    _BOXES(types.Array(kind, 3, "C", readonly=True), _PLACES)
    for kind in (types.uint8, types.int16, types.int32, types.int64)
]


@njit(inline="always")
def _take(box: Any, x: Any, y: Any, start: Any, end: Any) -> None:
    box[0, 0] = min(box[0, 0], x)
    box[0, 1] = x
    box[1, 0] = min(box[1, 0], y)
    box[1, 1] = max(box[1, 1], y)
    box[2, 0] = min(box[2, 0], start)
    box[2, 1] = max(box[2, 1], end)


@njit(_SIGNATURES, cache=True, nogil=True)
def class_boxes(labels: Any, places: Any) -> Any:
    """(class, axis, 2) first and last place of each class along each axis; first > last where it is nowhere.

    labels: (x, y, z). places: for each label up to the highest one which class it is, -1 for none of them.
    """
    boxes = np.empty((places.max() + 1, 3, 2), dtype=np.int64)
    boxes[:, :, 0] = max(labels.shape)
    boxes[:, :, 1] = -1
    planes, rows, columns = labels.shape
    if columns == 0:
        return boxes
    for x in range(planes):
        for y in range(rows):
            line = labels[x, y]
            # the class of the run at hand, and where it began
            run, began = -1, 0
            before = line[0]
            if 0 <= before < places.size:
                run = places[before]
            for start in range(0, columns, _STRETCH):
                end = min(start + _STRETCH, columns)
                changed = before ^ before
                for z in range(start, end):
                    changed |= line[z] ^ before
                if changed == 0:
                    continue
                for z in range(start, end):
                    label = line[z]
                    if label == before:
                        continue
                    if run >= 0:
                        _take(boxes[run], x, y, began, z - 1)
                    before = label
                    run, began = -1, z
                    if 0 <= label < places.size:
                        run = places[label]
            if run >= 0:
                _take(boxes[run], x, y, began, columns - 1)
    return boxes
