"""Panoptic quality worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.metrics.errors import MetricError
from evaluators.metrics.lesions import panoptic_quality
from tests.unit.evaluators.metrics.labels.drawings import pair

from .drawings import Mask, boxes

EMPTY = np.zeros((20, 20), dtype=np.bool_)
SOME = boxes((20, 20), (3, 3, 8, 8))
QUANTITIES = ("pq", "sq", "rq")


def test_one_match_one_miss_one_false_object() -> None:
    reference = boxes((30, 30), (2, 2, 4, 4), (20, 20, 4, 4))
    prediction = boxes((30, 30), (2, 2, 4, 3), (20, 2, 4, 4))
    found = pair(prediction, reference)
    values = {quantity: panoptic_quality(found, quantity=quantity)[0] for quantity in QUANTITIES}
    assert values == pytest.approx({"pq": 0.375, "sq": 12 / 16, "rq": 0.5})
    assert panoptic_quality(found, quantity="sq", overlap="dice")[0] == pytest.approx(24 / 28)


def test_one_object_is_matched_once_and_by_the_larger_overlap() -> None:
    reference = boxes((12, 12), (1, 1, 1, 10))
    prediction = boxes((12, 12), (1, 1, 1, 3), (1, 5, 1, 6))
    found = pair(prediction, reference)
    assert panoptic_quality(found, threshold=0.1, quantity="sq")[0] == pytest.approx(0.6)
    assert panoptic_quality(found, threshold=0.1, quantity="rq")[0] == pytest.approx(2 / 3)


def test_an_overlap_that_equals_the_threshold_is_a_match() -> None:
    reference, prediction = boxes((9, 9), (1, 1, 2, 4)), boxes((9, 9), (1, 1, 2, 2))
    assert panoptic_quality(pair(prediction, reference))[0] == 0.5
    assert panoptic_quality(pair(prediction, reference), threshold=0.51)[0] == 0.0


def test_corners_join_voxels_but_not_pixels() -> None:
    diagonal = np.eye(2, dtype=np.bool_)
    half = np.diag([True, False])
    assert panoptic_quality(pair(half, diagonal), quantity="rq")[0] == pytest.approx(2 / 3)
    assert panoptic_quality(pair(half[..., None], diagonal[..., None]), quantity="rq")[0] == 1.0


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("overlap", ["iou", "dice"])
def test_no_object_in_either_map_is_perfect_and_in_one_or_none_matched_is_the_worst(
    quantity: str, overlap: str
) -> None:
    def value(prediction: Mask, reference: Mask) -> float:
        return float(panoptic_quality(pair(prediction, reference), quantity=quantity, overlap=overlap)[0])

    assert value(EMPTY, EMPTY) == 1.0
    assert value(EMPTY, SOME) == value(SOME, EMPTY) == value(np.roll(SOME, 7, axis=0), SOME) == 0.0


def test_quantities_that_are_not_served_are_refused() -> None:
    with pytest.raises(MetricError, match="pq, sq, rq"):
        panoptic_quality(pair(SOME, SOME), quantity="f1")
    with pytest.raises(MetricError, match="iou, dice"):
        panoptic_quality(pair(SOME, SOME), overlap="assd")
