"""Grey pictures with colours laid on them, as places in one palette: a tint through which the image shows, and solid lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: greys of the image, and how many of them a tint keeps
GREYS, _TINTED = 64, 16
#: share of the colour in a tint
_STRENGTH = 0.45
#: places of one colour: its tints, then the colour itself
_PER_COLOUR = _TINTED + 1
#: how many colours fit
MOST_COLOURS = (256 - GREYS) // _PER_COLOUR


def palette_of(colours: Sequence[str]) -> NDArray[np.uint8]:
    """(place, 3): greys, then for each colour (#rrggbb) its tints and itself. Raises ValueError for too many colours."""
    if len(colours) > MOST_COLOURS:
        raise ValueError(f"{len(colours)} colours, and {MOST_COLOURS} fit")
    greys = np.repeat(np.linspace(0, 255, GREYS)[:, None], 3, axis=1)
    under = np.repeat(np.linspace(0, 255, _TINTED)[:, None], 3, axis=1)
    rows = [greys]
    for colour in colours:
        solid = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)]], dtype=np.float64)
        rows += [(1 - _STRENGTH) * under + _STRENGTH * solid, solid]
    return np.rint(np.concatenate(rows)).astype(np.uint8)


def laid_on(greys: Levels, colours: Levels, *, solid: Mask) -> Levels:
    """Places in the palette. greys: below GREYS; colours: 0 none, else which one, from 1 on; solid: where no image shows through.

    All (frame, y, x).
    """
    of_colour = GREYS + (colours.astype(np.int64) - 1) * _PER_COLOUR
    # a byte would run over
    tinted = of_colour + greys.astype(np.int64) * _TINTED // GREYS
    places = np.where(colours == 0, greys, np.where(solid, of_colour + _TINTED, tinted))
    return places.astype(np.uint8)


def outlines(labels: NDArray[np.integer]) -> Mask:
    """Pixels of a label with a neighbour (of 4) of another one, or none beyond the picture's edge. (frame, y, x)."""
    around = np.pad(labels, [(0, 0), (1, 1), (1, 1)])
    inner = around[:, 1:-1, 1:-1]
    edge = np.zeros(labels.shape, dtype=np.bool_)
    for rows, columns in ((slice(0, -2), slice(1, -1)), (slice(2, None), slice(1, -1))):
        edge |= around[:, rows, columns] != inner
        edge |= around[:, columns, rows] != inner
    lines: Mask = edge & (labels != 0)
    return lines


def hatching(shape: tuple[int, ...]) -> Mask:
    """Slanted lines two pixels wide, six apart. shape: (frame, y, x)."""
    rows, columns = np.indices(shape[1:])
    return np.broadcast_to((rows + columns) % 6 < 2, shape)
