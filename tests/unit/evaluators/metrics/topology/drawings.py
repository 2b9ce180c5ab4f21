"""Masks for the topology tests, drawn or random, and the pair that metrics are called with."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.metrics.labels.pair import LabelPair

Mask = NDArray[np.bool_]


def picture(text: str) -> Mask:
    """Rows apart by blanks; # is foreground."""
    return np.array([[letter == "#" for letter in row] for row in text.split()])


RING = picture(".###. .#.#. .###.")
DIAGONAL = np.eye(4, dtype=np.bool_)


def ring(shape: tuple[int, int], *, at: tuple[int, int]) -> Mask:
    """A closed curve round one pixel, which is `at`."""
    mask = np.zeros(shape, dtype=np.bool_)
    mask[at[0] - 1 : at[0] + 2, at[1] - 1 : at[1] + 2] = True
    mask[at] = False
    return mask


def shell() -> Mask:
    """A hollow box."""
    mask = np.ones((3, 4, 5), dtype=np.bool_)
    mask[1, 1:3, 1:4] = False
    return mask


def pair(prediction: Mask, reference: Mask) -> LabelPair:
    """One class, 1 mm."""
    return LabelPair(
        prediction=prediction.astype(np.uint8),
        reference=reference.astype(np.uint8),
        classes=(1,),
        spacing=(1.0,) * reference.ndim,
    )


@st.composite
def masks(draw: st.DrawFn, *, count: int = 1, largest: int = 6, axes: tuple[int, ...] = (2, 3)) -> list[Mask]:
    """`count` masks of one shape, from sparse to nearly full."""
    shape = tuple(draw(st.integers(1, largest)) for _ in range(draw(st.sampled_from(axes))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return [rng.random(shape) < draw(st.floats(0.05, 0.95)) for _ in range(count)]
