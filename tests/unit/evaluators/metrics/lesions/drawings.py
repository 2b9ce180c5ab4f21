"""Masks of boxes, and pairs of label maps with many small objects."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.metrics.labels.pair import LabelPair

Mask = NDArray[np.bool_]


def boxes(shape: tuple[int, ...], *drawn: tuple[int, ...]) -> Mask:
    """Each box: where it starts along every axis, then its size along every axis."""
    mask = np.zeros(shape, dtype=np.bool_)
    for box in drawn:
        axes = len(shape)
        mask[tuple(slice(start, start + size) for start, size in zip(box[:axes], box[axes:], strict=True))] = True
    return mask


@st.composite
def crowded(draw: st.DrawFn) -> LabelPair:
    """Two classes, random boxes and specks, most of the prediction as the reference."""
    axes = draw(st.sampled_from((2, 3)))
    shape = tuple(draw(st.integers(1, 18)) for _ in range(axes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    reference = np.zeros(shape, dtype=np.uint8)
    prediction = np.zeros(shape, dtype=np.uint8)
    for _ in range(draw(st.integers(0, 6))):
        start = [int(rng.integers(0, size)) for size in shape]
        box = tuple(slice(at, at + int(rng.integers(1, 6))) for at in start)
        label = int(rng.integers(1, 3))
        kept = rng.random()
        if kept < 0.8:
            reference[box] = label
        if kept > 0.2:
            moved = tuple(
                slice(max(0, part.start + step), part.stop + step)
                for part, step in zip(box, rng.integers(-2, 3, axes), strict=True)
            )
            prediction[moved] = label
    if draw(st.booleans()):
        prediction[rng.random(shape) < 0.05] = 1
    return LabelPair(prediction=prediction, reference=reference, classes=(1, 2), spacing=(1.0,) * axes)
