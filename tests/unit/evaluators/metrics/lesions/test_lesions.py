"""Lesion-wise Dice, HD95 and F1 worked by hand, in pictures of 1 mm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluators.metrics.errors import MetricError
from evaluators.metrics.labels import LabelPair
from evaluators.metrics.labels.hd95 import hd95_between
from evaluators.metrics.lesions import lesion_dice, lesion_f1, lesion_hd95
from tests.unit.evaluators.metrics.labels.drawings import pair

from .drawings import boxes

MET, MEN, GLI = "brats2023-met", "brats2023-men", "brats2023-gli"


def all_three(found: LabelPair, *, rule: str) -> tuple[float, float, float]:
    return tuple(float(function(found, rule=rule)[0]) for function in (lesion_dice, lesion_hd95, lesion_f1))  # type: ignore[return-value]


def test_a_hit_a_miss_and_a_false_lesion() -> None:
    reference = boxes((40, 40), (2, 2, 4, 4), (20, 20, 4, 4))
    prediction = boxes((40, 40), (2, 2, 4, 2), (32, 2, 4, 4))
    # Dice 2 * 8 / (8 + 16) for the hit, whose missing half ends 2 mm away
    hit = hd95_between(
        boxes((40, 40), (2, 2, 4, 2)), boxes((40, 40), (2, 2, 4, 4)), spacing=(1.0, 1.0), variant="deepmind"
    )
    assert hit == 2.0
    assert all_three(pair(prediction, reference), rule=MET) == pytest.approx(
        (16 / 24 / 3, (2.0 + 374 + 374) / 3, 2 / 4), rel=1e-12
    )


def test_all_components_that_touch_a_lesion_are_compared_with_it_together() -> None:
    reference = boxes((30, 30), (5, 5, 6, 10))
    prediction = boxes((30, 30), (5, 5, 6, 3), (5, 12, 6, 3))
    dice, _, f1 = all_three(pair(prediction, reference), rule=MET)
    assert dice == pytest.approx(2 * 36 / (60 + 36))
    assert f1 == 1.0


def test_a_component_beside_the_lesion_belongs_to_it_as_far_as_the_lesion_is_grown() -> None:
    reference = boxes((40, 40), (10, 10, 8, 8))
    touching, beyond = boxes((40, 40), (20, 10, 4, 4)), boxes((40, 40), (21, 10, 4, 4))
    # three voxels grown reach rows 18 to 20; found though not a voxel is common, hence Dice 0 but no false positive
    assert all_three(pair(touching, reference), rule=GLI)[::2] == (0.0, 1.0)
    assert all_three(pair(beyond, reference), rule=GLI)[::2] == (0.0, 0.0)
    assert lesion_hd95(pair(touching, reference), rule=GLI)[0] < 20
    assert lesion_hd95(pair(beyond, reference), rule=GLI)[0] == 374.0


def test_lesions_that_meet_when_grown_are_one() -> None:
    reference = boxes((40, 40), (5, 5, 8, 8), (5, 15, 8, 8))
    prediction = boxes((40, 40), (5, 5, 8, 8))
    # the gap of two closes at one voxel a side
    assert lesion_dice(pair(prediction, reference), rule=MEN)[0] == pytest.approx(2 * 64 / (128 + 64))
    assert lesion_f1(pair(prediction, reference), rule=MEN)[0] == 1.0
    wider = boxes((40, 40), (5, 5, 8, 8), (5, 17, 8, 8))
    assert lesion_dice(pair(prediction, wider), rule=MEN)[0] == pytest.approx(1 / 2)
    assert lesion_f1(pair(prediction, wider), rule=MEN)[0] == pytest.approx(2 / 3)
    assert lesion_f1(pair(prediction, wider), rule=GLI)[0] == 1.0


def test_a_component_that_touches_two_lesions_counts_for_both() -> None:
    reference = boxes((20, 40), (5, 5, 4, 4), (5, 25, 4, 4))
    prediction = boxes((20, 40), (5, 5, 4, 24))
    assert lesion_dice(pair(prediction, reference), rule=MET)[0] == pytest.approx(2 * 16 / (16 + 96))
    assert lesion_f1(pair(prediction, reference), rule=MET)[0] == 1.0


def test_lesions_up_to_the_limit_are_left_out_found_or_missed_and_what_finds_them_is_not_false() -> None:
    reference = boxes((40, 40), (2, 2, 5, 10), (20, 20, 5, 10), (30, 2, 3, 17))
    prediction = boxes((40, 40), (2, 2, 5, 10), (30, 2, 3, 17))
    # 50, 50 and 51 voxels: only the last one counts
    assert all_three(pair(prediction, reference), rule=MEN) == (1.0, 0.0, 1.0)
    only_small = boxes((40, 40), (2, 2, 5, 10))
    assert all_three(pair(only_small, only_small), rule=MEN) == (1.0, 0.0, 1.0)
    assert all_three(pair(np.zeros_like(only_small), only_small), rule=MEN) == (1.0, 0.0, 1.0)


def test_the_limit_is_a_volume() -> None:
    reference = boxes((40, 40, 3), (2, 2, 1, 5, 5, 1))
    nothing = np.zeros_like(reference)
    assert lesion_dice(pair(nothing, reference), rule=MEN)[0] == 1.0
    assert lesion_dice(pair(nothing, reference, spacing=(1.0, 1.0, 2.0)), rule=MEN)[0] == 1.0
    assert lesion_dice(pair(nothing, reference, spacing=(1.0, 1.0, 2.5)), rule=MEN)[0] == 0.0


def test_a_false_lesion_counts_at_any_size() -> None:
    reference = boxes((40, 40), (2, 2, 8, 8))
    prediction = reference | boxes((40, 40), (30, 30, 1, 1))
    assert all_three(pair(prediction, reference), rule=MEN) == pytest.approx((0.5, 187.0, 2 / 3))


@pytest.mark.parametrize("rule", [MET, MEN, GLI])
def test_no_lesion_anywhere_is_perfect_and_in_one_map_only_is_the_worst(rule: str) -> None:
    empty, some = np.zeros((20, 20), dtype=np.bool_), boxes((20, 20), (3, 3, 8, 8))
    assert all_three(pair(empty, empty), rule=rule) == (1.0, 0.0, 1.0)
    assert all_three(pair(some, empty), rule=rule) == (0.0, 374.0, 0.0)
    assert all_three(pair(empty, some), rule=rule) == (0.0, 374.0, 0.0)


def test_the_penalty_may_be_another() -> None:
    empty, some = np.zeros((20, 20), dtype=np.bool_), boxes((20, 20), (3, 3, 8, 8))
    assert lesion_hd95(pair(some, empty), penalty=100.0)[0] == 100.0


def test_a_common_voxel_is_a_hit_for_isles_and_a_neighbour_is_not() -> None:
    reference = boxes((20, 20), (3, 3, 2, 2), (10, 10, 1, 1))
    prediction = boxes((20, 20), (4, 4, 2, 2), (10, 11, 1, 1))
    assert lesion_f1(pair(prediction, reference), rule="isles2022")[0] == pytest.approx(2 / 4)


def test_grown_lesions_step_along_two_axes_at_once_but_not_three() -> None:
    reference, edge, corner = (np.zeros((9, 9, 9), dtype=np.bool_) for _ in range(3))
    reference[3:5, 3:5, 3:5] = True
    edge[5, 5, 4] = True
    corner[5, 5, 5] = True
    assert lesion_f1(pair(edge, reference), rule=MET)[0] == 1.0
    assert lesion_f1(pair(corner, reference), rule=MET)[0] == 0.0


@pytest.mark.parametrize("function", [lesion_dice, lesion_hd95, lesion_f1])
def test_a_rule_that_is_not_served_names_those_that_are(function: Any) -> None:
    some = boxes((20, 20), (3, 3, 8, 8))
    with pytest.raises(MetricError, match="brats2023-gli"):
        function(pair(some, some), rule="brats")
