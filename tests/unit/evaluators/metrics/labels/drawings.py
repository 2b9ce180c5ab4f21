"""Pairs of label maps for the tests of overlap and surfaces, drawn or random."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.metrics.labels.pair import LabelPair

Mask = NDArray[np.bool_]

#: every metric of the family that is computed here, with options that are settled
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("dice", {}),
    ("iou", {}),
    ("volume_error", {"kind": "absolute_relative"}),
    ("volume_error", {"kind": "symmetric"}),
    ("hd95", {"variant": "monai"}),
    ("hd95", {"variant": "medpy"}),
    ("hd95", {"variant": "deepmind"}),
    ("nsd", {"variant": "voxel", "tolerance": 1.5}),
    ("nsd", {"variant": "surfel", "tolerance": 1.5}),
    ("assd", {}),
)
IN_MM = ("hd95", "assd")
#: halves: squares and sums of steps are exact, so that no law fails by a rounding
SPACINGS = (0.5, 1.0, 1.5, 3.0)


def name(call: tuple[str, dict[str, Any]]) -> str:
    key, options = call
    return "-".join([key, *map(str, options.values())])


def picture(text: str) -> Mask:
    """Rows apart by blanks; # is foreground."""
    return np.array([[letter == "#" for letter in row] for row in text.split()])


def pair(prediction: Mask, reference: Mask, *, spacing: tuple[float, ...] | None = None) -> LabelPair:
    """One class, 1 mm unless said otherwise."""
    return LabelPair(
        prediction=prediction.astype(np.uint8),
        reference=reference.astype(np.uint8),
        classes=(1,),
        spacing=spacing or (1.0,) * reference.ndim,
    )


@st.composite
def label_pairs(draw: st.DrawFn, *, classes: int = 3, largest: int = 9) -> LabelPair:
    """Two maps of two or three axes, from sparse to full; each class may lack in either."""
    axes = draw(st.sampled_from((2, 3)))
    shape = tuple(draw(st.integers(1, largest)) for _ in range(axes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    filled = draw(st.sampled_from((0.03, 0.3, 0.9)))
    maps = [np.where(rng.random(shape) < filled, rng.integers(1, classes + 1, shape), 0) for _ in range(2)]
    if draw(st.booleans()):
        # most of the prediction agrees, as in life
        maps[0] = np.where(rng.random(shape) < 0.8, maps[1], maps[0])
    spacing = tuple(draw(st.sampled_from(SPACINGS)) for _ in range(axes))
    return LabelPair(
        prediction=maps[0].astype(np.uint8),
        reference=maps[1].astype(np.uint8),
        classes=tuple(range(1, classes + 1)),
        spacing=spacing,
    )


def like(pair: LabelPair, **changes: Any) -> LabelPair:
    """The pair with other parts, and nothing kept of what was computed for it."""
    parts = {part: getattr(pair, part) for part in ("prediction", "reference", "classes", "spacing")}
    return LabelPair(**{**parts, **changes})
