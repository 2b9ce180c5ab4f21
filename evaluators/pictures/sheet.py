"""Frames of one slice as a single PNG, side by side: what a page shows as a strip, or plays frame by frame."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Frames = NDArray[np.float64]
#: pixels; larger frames are thinned out
_LONGEST = 256
_MOST_FRAMES = 16
_COLUMNS = 4
#: ten colours of viridis at equal steps; those between are interpolated
_VIRIDIS = ("440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A PNG of `frames` pictures of width x height pixels, row by row in `columns` columns."""

    png: bytes
    frames: int
    columns: int
    width: int
    height: int


def grey_sheet(frames: Frames) -> Sheet:
    """frames: (frame, y, x), 0 is black and 1 is white; what lies beyond is clipped."""
    return _sheet(frames, palette=None)


def viridis_sheet(frames: Frames) -> Sheet:
    """frames: (frame, y, x), 0 is the darkest colour of viridis and 1 the brightest."""
    stops = np.array([[int(colour[at : at + 2], 16) for at in (0, 2, 4)] for colour in _VIRIDIS], dtype=np.float64)
    steps = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(steps, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return _sheet(frames, palette=np.rint(np.stack(channels, axis=1)).astype(np.uint8))


def indexed_sheet(frames: NDArray[np.uint8], *, palette: NDArray[np.uint8]) -> Sheet:
    """frames: (frame, y, x), places in `palette` (colour, 3); drawn as they are, none left out. Place 0 fills what is left over."""
    return _board(frames, palette=palette)


def _sheet(frames: Frames, *, palette: NDArray[np.uint8] | None) -> Sheet:
    step = -(-max(frames.shape[1:]) // _LONGEST)
    chosen = frames[:_MOST_FRAMES, ::step, ::step]
    return _board(np.rint(np.clip(np.nan_to_num(chosen), 0, 1) * 255).astype(np.uint8), palette=palette)


def _board(levels: NDArray[np.uint8], *, palette: NDArray[np.uint8] | None) -> Sheet:
    count, height, width = levels.shape
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    board = np.zeros((rows, columns, height, width), dtype=np.uint8)
    board.reshape(rows * columns, height, width)[:count] = levels
    picture = Image.fromarray(board.transpose(0, 2, 1, 3).reshape(rows * height, columns * width))
    if palette is not None:
        picture.putpalette(palette.tobytes())
    out = io.BytesIO()
    picture.save(out, format="PNG", optimize=True)
    return Sheet(png=out.getvalue(), frames=count, columns=columns, width=width, height=height)
