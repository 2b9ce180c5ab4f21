"""Dice, IoU and volume error, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.metrics.labels import LabelPair, dice, iou, volume_error

from .drawings import Mask, pair, picture

LEFT, RIGHT, ALL = picture("##.. ##.."), picture("..## ..##"), picture("#### ####")
NONE = np.zeros_like(ALL)


@pytest.mark.parametrize(
    ("prediction", "reference", "values"),
    [
        (LEFT, LEFT, (1, 1, 0, 0)),
        (LEFT, RIGHT, (0, 0, 0, 0)),
        (LEFT, ALL, (2 / 3, 1 / 2, 1 / 2, 1 / 3)),
        (ALL, LEFT, (2 / 3, 1 / 2, 1, 1 / 3)),
        (NONE, LEFT, (0, 0, 1, 1)),
        (LEFT, NONE, (0, 0, 1, 1)),
        (NONE, NONE, (1, 1, 0, 0)),
    ],
)
def test_overlap_and_volume_worked_by_hand(
    prediction: Mask, reference: Mask, values: tuple[float, float, float, float]
) -> None:
    found = pair(prediction, reference)
    assert (dice(found)[0], iou(found)[0]) == values[:2]
    assert (volume_error(found)[0], volume_error(found, kind="symmetric")[0]) == values[2:]


def test_each_class_has_its_value_in_the_order_asked_for_and_other_labels_count_as_background() -> None:
    reference = np.array([[1, 1, 2, 2, 9, 9]])
    prediction = np.array([[1, 0, 2, 2, 9, 7]])
    found = LabelPair(prediction=prediction, reference=reference, classes=(2, 5, 1), spacing=(1.0, 1.0))
    assert dice(found).tolist() == [1, 1, 2 / 3]
    assert volume_error(found).tolist() == [0, 0, 1 / 2]


def test_a_prediction_many_times_too_large_is_told_as_such() -> None:
    reference = np.zeros((10, 10), dtype=np.bool_)
    reference[0, 0] = True
    found = pair(np.ones_like(reference), reference)
    assert volume_error(found)[0] == 99
    assert volume_error(found, kind="symmetric")[0] == pytest.approx(99 / 101)
