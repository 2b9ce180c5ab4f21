"""Boxes and masks of a pair of label maps: scipy's boxes, for every kind of whole number and order of memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric
from evaluators.metrics.labels import LabelPair

Labels = NDArray[np.integer[Any]]

KINDS = ("u1", "i1", "u2", ">i2", "i4", ">u4", "i8", "u8")


def _runs(labels: Labels) -> Labels:
    """Each label three times along the last axis, cut to the same shape."""
    return np.repeat(labels, 3, axis=-1)[..., : labels.shape[-1]]


@settings(deadline=None, max_examples=200)
@given(
    shape=st.lists(st.integers(0, 70), min_size=2, max_size=3).filter(lambda sides: np.prod(sides) < 30_000),
    seed=st.integers(0, 2**32),
    filled=st.sampled_from((0.0, 0.001, 0.05, 1.0)),
    kinds=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)),
    laid_out=st.sampled_from((np.ascontiguousarray, np.asfortranarray)),
    classes=st.permutations([1, 2, 5]).map(tuple),
)
def test_boxes_hold_the_class_in_both_maps_and_nothing_more(
    shape: list[int],
    seed: int,
    filled: float,
    kinds: tuple[str, str],
    laid_out: Callable[..., Any],
    classes: tuple[int, ...],
) -> None:
    rng = np.random.default_rng(seed)
    first, second = (
        laid_out(np.where(rng.random(shape) < filled, _runs(rng.integers(0, 8, shape)), 0).astype(kind))
        for kind in kinds
    )
    pair = LabelPair(prediction=first, reference=second, classes=classes, spacing=(1.0,) * len(shape))
    for position, label in enumerate(classes):
        masks = first == label, second == label
        together = find_objects((masks[0] | masks[1]).astype(np.int8), max_label=1) if first.size else [None]
        assert pair.boxes[position] == together[0]
        assert [mask.sum() for mask in pair.masks(position)] == [mask.sum() for mask in masks]
        assert all(mask.flags.c_contiguous for mask in pair.masks(position, margin=2))


def test_a_label_that_one_map_cannot_hold_is_not_there() -> None:
    small, large = np.ones((3, 3), dtype=np.uint8), np.full((3, 3), 257, dtype=np.int32)
    pair = LabelPair(prediction=small, reference=large, classes=(257, 1), spacing=(1.0, 1.0))
    assert [mask.sum() for mask in pair.masks(0)] == [0, 9]
    assert [mask.sum() for mask in pair.masks(1)] == [9, 0]


def test_negative_labels_are_background() -> None:
    labels = np.array([[-1, 1, -128]], dtype=np.int8)
    pair = LabelPair(prediction=labels, reference=labels, classes=(1, 128), spacing=(1.0, 1.0))
    assert pair.boxes == ((slice(0, 1), slice(1, 2)), None)


def test_what_cannot_be_compared_is_refused() -> None:
    labels = np.zeros((3, 4), dtype=np.uint8)
    with pytest.raises(ShapeMismatch):
        LabelPair(prediction=labels, reference=labels.T, classes=(1,), spacing=(1.0, 1.0))
    with pytest.raises(UndefinedMetric, match="spacing needs 2 positive numbers"):
        LabelPair(prediction=labels, reference=labels, classes=(1,), spacing=(1.0, 0.0))
    # squares and areas would leave float64: a distance of 0 or no number between masks that differ
    for step in (1e308, 1e120, 1e-200, float("nan")):
        with pytest.raises(UndefinedMetric, match="1e-06 to 1e\\+06 mm"):
            LabelPair(prediction=labels, reference=labels, classes=(1,), spacing=(1.0, step))
    with pytest.raises(UndefinedMetric, match="classes must be different whole numbers from 1 on"):
        LabelPair(prediction=labels, reference=labels, classes=(1, 1), spacing=(1.0, 1.0))
