"""Betti matching error: drawn cases, the definition on small masks, and its bounds."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.topology import betti_error, betti_matching, betti_numbers
from evaluators.metrics.topology.betti_matching import unmatched_features

from .drawings import RING, Mask, masks, pair, picture, ring, shell
from .reduction import matched_features

CONNECTIVITIES = ("low", "high")
#: the function of the same name hides the module in its package
MODULE = import_module("evaluators.metrics.topology.betti_matching")


def test_right_counts_in_wrong_places_are_seen() -> None:
    prediction = picture("#####  #.###  #####")
    reference = picture("#####  ###.#  #####")
    assert betti_error(pair(prediction, reference)) == 0
    assert betti_matching(pair(prediction, reference)) == 2


def test_the_same_ring_elsewhere_loses_its_loop_and_by_choice_its_piece() -> None:
    prediction, reference = ring((7, 12), at=(3, 3)), ring((7, 12), at=(3, 8))
    assert betti_error(pair(prediction, reference)) == 0
    # the peer matches the oldest piece of each mask wherever they lie
    assert betti_matching(pair(prediction, reference)) == 2
    assert betti_matching(pair(prediction, reference), pieces="meeting") == 4


@pytest.mark.parametrize("pieces", ["induced", "meeting"])
def test_every_feature_is_unmatched_when_one_mask_is_empty(pieces: str) -> None:
    nothing = np.zeros_like(RING)
    assert betti_matching(pair(RING, nothing), pieces=pieces) == 2
    assert betti_matching(pair(nothing, RING), pieces=pieces) == 2
    assert betti_matching(pair(nothing, nothing), pieces=pieces) == 0


def test_a_loop_matches_a_loop_that_runs_round_the_same_hole() -> None:
    thick = np.ones((7, 7), dtype=np.bool_)
    thick[3, 3] = False
    thin = np.ones((7, 7), dtype=np.bool_)
    thin[1:6, 1:6] = False
    assert betti_matching(pair(thick, thin)) == 0


def test_a_cavity_that_the_prediction_fills_is_unmatched() -> None:
    assert unmatched_features(np.ones_like(shell()), shell()) == (0, 0, 1)


def test_two_tunnels_through_a_block_match_only_where_they_meet() -> None:
    block = np.ones((5, 5, 9), dtype=np.bool_)
    prediction, reference = block.copy(), block.copy()
    prediction[:, 2, [2, 6]] = False
    reference[:, 2, 2] = False
    assert unmatched_features(prediction, reference) == (0, 1, 0)
    reference[:, 2, 2] = True
    reference[:, 2, 4] = False
    assert unmatched_features(prediction, reference) == (0, 3, 0)


@settings(deadline=None, max_examples=120)
@given(drawn=masks(count=2, largest=4), connectivity=st.sampled_from(CONNECTIVITIES))
def test_matches_are_those_of_the_definition(drawn: list[Mask], connectivity: str) -> None:
    prediction, reference = drawn
    numbers = [betti_numbers(mask, connectivity=connectivity) for mask in drawn]
    matched = matched_features(prediction, reference, connectivity=connectivity)
    expected = tuple(
        ours + theirs - 2 * both for ours, theirs, both in zip(numbers[0], numbers[1], matched, strict=True)
    )
    assert unmatched_features(prediction, reference, connectivity=connectivity) == expected


@settings(deadline=None, max_examples=150)
@given(
    drawn=masks(count=2, largest=8),
    connectivity=st.sampled_from(CONNECTIVITIES),
    pieces=st.sampled_from(("induced", "meeting")),
)
def test_it_is_symmetric_nought_for_equals_and_never_below_the_betti_error(
    drawn: list[Mask], connectivity: str, pieces: str
) -> None:
    first, second = drawn
    options = {"connectivity": connectivity, "pieces": pieces}
    value = betti_matching(pair(first, second), **options)
    assert value == betti_matching(pair(second, first), **options)
    assert betti_matching(pair(first, first.copy()), **options) == 0
    assert value >= betti_error(pair(first, second), connectivity=connectivity)
    features = [betti_numbers(mask, connectivity=connectivity) for mask in drawn]
    assert value <= np.sum(features)


@settings(deadline=None, max_examples=100)
@given(drawn=masks(count=2), connectivity=st.sampled_from(CONNECTIVITIES), data=st.data())
def test_it_does_not_matter_where_in_the_image_the_class_lies(
    drawn: list[Mask], connectivity: str, data: st.DataObject
) -> None:
    values = []
    for _ in range(2):
        margin = [(data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))) for _ in range(drawn[0].ndim)]
        moved = [np.pad(mask, margin) for mask in drawn]
        values.append(betti_matching(pair(moved[0], moved[1]), connectivity=connectivity))
    assert values[0] == values[1]


@settings(deadline=None, max_examples=60)
@given(drawn=masks(count=2, axes=(2,)), data=st.data())
def test_matched_pieces_by_meeting_do_not_depend_on_the_axes(drawn: list[Mask], data: st.DataObject) -> None:
    flipped = data.draw(st.lists(st.sampled_from((0, 1)), unique=True))
    moved = [np.flip(mask, axis=tuple(flipped)).T for mask in drawn]
    assert (
        unmatched_features(drawn[0], drawn[1], pieces="meeting")[0]
        == unmatched_features(moved[0], moved[1], pieces="meeting")[0]
    )


def test_a_picture_and_its_single_layer_have_the_same_error() -> None:
    rng = np.random.default_rng(4)
    prediction, reference = rng.random((2, 12, 14)) < 0.6
    flat = unmatched_features(prediction, reference)
    assert unmatched_features(prediction[..., None], reference[..., None]) == (*flat, 0)
    assert unmatched_features(prediction[None], reference[None]) == (*flat, 0)


def test_a_reduction_that_takes_too_long_leaves_the_loops_unmatched(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    prediction, reference = rng.random((2, 20, 20, 20)) < 0.6
    before = unmatched_features(prediction, reference)
    monkeypatch.setattr(MODULE, "MOST_STEPS", 1000)
    after = unmatched_features(prediction, reference)
    loops = [betti_numbers(mask)[1] for mask in (prediction, reference)]
    assert before[1] < sum(loops)
    assert after == (before[0], sum(loops), before[2])


def test_a_prediction_that_spreads_too_far_has_all_features_unmatched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "LARGEST", 300)
    reference = np.zeros((9, 9, 9), dtype=np.bool_)
    reference[3:6, 3:6, 3:6] = True
    prediction = reference.copy()
    prediction[1, 1, 1] = True
    assert betti_matching(pair(reference, reference)) == 0
    assert betti_matching(pair(prediction, reference)) == 3
    prediction[7, 7, 7] = True
    with pytest.raises(UndefinedMetric, match="343 voxels; Betti matching takes 300: crop or resample"):
        betti_matching(pair(reference, prediction))
