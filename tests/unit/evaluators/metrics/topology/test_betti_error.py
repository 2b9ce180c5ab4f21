"""Betti number error and Euler error of label maps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import METRICS
from evaluators.metrics.topology import betti_error, euler_error

from .drawings import DIAGONAL, RING, Mask, masks, pair, picture, shell


def test_a_broken_ring_is_one_loop_short() -> None:
    broken = picture(".###. .#.#. .#.#.")
    assert betti_error(pair(broken, RING)) == 1
    assert betti_error(pair(broken, RING), dimension="0") == 0
    assert betti_error(pair(broken, RING), dimension="1") == 1
    assert euler_error(pair(broken, RING)) == 1


def test_a_filled_cavity_counts_in_dimension_two() -> None:
    solid = np.ones_like(shell())
    assert betti_error(pair(solid, shell())) == 1
    assert betti_error(pair(solid, shell()), dimension="2") == 1
    assert betti_error(pair(DIAGONAL, DIAGONAL), dimension="2") == 0


def test_errors_of_a_piece_and_a_loop_add_up_but_cancel_in_the_euler_characteristic() -> None:
    nothing = np.zeros_like(RING)
    assert betti_error(pair(nothing, RING)) == 2
    assert euler_error(pair(nothing, RING)) == 0


@pytest.mark.parametrize("metric", [betti_error, euler_error])
def test_a_class_in_neither_map_is_without_error(metric: object) -> None:
    labels = np.zeros((4, 5, 6), dtype=np.uint8)
    lined_up = LabelPair(prediction=labels, reference=labels, classes=(1, 7), spacing=(1.0, 1.0, 1.0))
    assert (metric(lined_up) == [0, 0]).all()  # type: ignore[operator]


def test_each_class_is_counted_by_itself_in_the_order_asked_for() -> None:
    reference = np.zeros((5, 12), dtype=np.uint8)
    reference[1:4, 1:6] = 3 * RING
    reference[1:5, 7:11] = 2 * DIAGONAL
    prediction = np.where(reference == 3, 0, reference)
    lined_up = LabelPair(prediction=prediction, reference=reference, classes=(3, 2), spacing=(1.0, 1.0))
    assert betti_error(lined_up).tolist() == [2, 0]
    lined_up = LabelPair(prediction=reference * 0, reference=reference, classes=(3, 2), spacing=(1.0, 1.0))
    assert betti_error(lined_up, connectivity="low").tolist() == [2, 4]
    assert betti_error(lined_up, connectivity="high").tolist() == [2, 1]


@settings(deadline=None, max_examples=100)
@given(drawn=masks(count=2), connectivity=st.sampled_from(("low", "high")))
def test_errors_are_symmetric_and_euler_never_exceeds_betti(drawn: list[Mask], connectivity: str) -> None:
    first, second = drawn
    betti = betti_error(pair(first, second), connectivity=connectivity)
    assert betti == betti_error(pair(second, first), connectivity=connectivity)
    assert euler_error(pair(first, second), connectivity=connectivity) <= betti
    parts = [
        betti_error(pair(first, second), connectivity=connectivity, dimension=str(one)) for one in range(first.ndim)
    ]
    assert sum(parts) == betti


def test_dense_noise_stays_below_what_a_missing_case_counts() -> None:
    rng = np.random.default_rng(0)
    noise = rng.random((64, 64, 64)) < 0.5
    worst = METRICS["betti_error"].spec.worst
    assert worst is not None
    assert betti_error(pair(noise, np.zeros_like(noise)))[0] < worst
