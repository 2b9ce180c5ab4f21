"""Samples of a model against several raters: hand-worked sets, edges, and what must not matter."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluators.metrics import METRICS
from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric
from tests.golden.make_raters import PATH
from tests.golden.records import masks

ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["rows"]
KEYS = ("ged", "d_max", "dice_match", "soft_dice")
ged, d_max, dice_match, soft_dice = (METRICS[key].function for key in KEYS)
CALLS = [("ged", {"variant": "v"}), ("ged", {"variant": "u"}), ("d_max", {"direction": "samples"})]
CALLS += [("d_max", {"direction": "raters"}), ("dice_match", {}), ("soft_dice", {})]

#: four voxels in a row: two halves, everything, nothing
LEFT, RIGHT, ALL, NONE = (
    np.array(list(bits), dtype=np.uint8) == ord("1") for bits in (b"1100", b"0011", b"1111", b"0000")
)

SETS = st.tuples(st.integers(1, 6), st.integers(1, 5)).flatmap(
    lambda sizes: st.tuples(*(arrays(np.bool_, (size, 3, 4)) for size in sizes))
)


def stack(*found: np.ndarray) -> np.ndarray:
    return np.stack(found)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['key']} {row['options']} seed {row['inputs']['seed']}")
def test_every_value_equals_the_peers(row: dict[str, Any]) -> None:
    recipe = row["inputs"]
    shape, seed = tuple(recipe["shape"]), recipe["seed"]
    samples = masks(recipe["samples"], shape=shape, seed=seed, empty=recipe["empty_samples"])
    raters = masks(recipe["raters"], shape=shape, seed=seed + 100, empty=recipe["empty_raters"])
    metric = METRICS[row["key"]]
    assert metric.function(samples, raters, **metric.spec.settle(row["options"])) == pytest.approx(
        row["value"], abs=1e-9
    )


def test_the_energy_distance_of_two_samples_and_two_raters_worked_by_hand() -> None:
    samples, raters = stack(LEFT, ALL), stack(LEFT, RIGHT)
    # d: left-left 0, left-right 1, all-left 1/2, all-right 1/2, left-all 1/2
    across = (0 + 1 + 0.5 + 0.5) / 4
    assert ged(samples, raters, variant="v") == pytest.approx(2 * across - 2 * 0.5 / 4 - 2 * 1 / 4)
    assert ged(samples, raters, variant="u") == pytest.approx(2 * across - 0.5 - 1)


def test_the_raters_own_masks_in_another_order_are_at_no_distance_and_below_zero_without_bias() -> None:
    raters = stack(LEFT, RIGHT, ALL, NONE)
    shuffled = raters[[2, 0, 3, 1]]
    # distances: left-right 1, the halves to all 1/2 each, three to nothing 1 each: mean 5/6 over 6 pairs
    assert ged(shuffled, raters, variant="v") == pytest.approx(0, abs=1e-15)
    assert ged(shuffled, raters, variant="u") == pytest.approx(-2 * (5 / 6) / 4)
    for metric in (d_max, dice_match, soft_dice):
        assert metric(shuffled, raters) == 1


def test_one_sample_has_no_spread_under_either_variant() -> None:
    for variant in ("v", "u"):
        assert ged(LEFT[None], LEFT[None], variant=variant) == 0
        assert ged(LEFT[None], RIGHT[None], variant=variant) == 2


def test_two_empty_masks_agree_and_an_empty_one_never_agrees_with_a_filled_one() -> None:
    for key, options in CALLS:
        same = METRICS[key].function(NONE[None], NONE[None], **options)
        other = METRICS[key].function(NONE[None], ALL[None], **options)
        assert (same, other) == ((0, 2) if key == "ged" else (1, 0))


def test_both_directions_of_the_best_dice_worked_by_hand() -> None:
    samples, raters = stack(LEFT, LEFT, ALL), stack(LEFT, RIGHT)
    assert d_max(samples, raters, direction="samples") == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert d_max(samples, raters, direction="raters") == pytest.approx((1 + 2 / 3) / 2)


def test_matching_gives_each_rater_a_sample_of_its_own() -> None:
    # the sample left is best for both raters, but may serve one alone
    assert dice_match(stack(LEFT, RIGHT), stack(LEFT, LEFT)) == pytest.approx(1 / 2)
    assert dice_match(stack(LEFT, ALL), stack(LEFT, LEFT)) == pytest.approx((1 + 2 / 3) / 2)


def test_a_rater_without_a_sample_counts_nought_and_a_sample_too_many_costs_nothing() -> None:
    assert dice_match(LEFT[None], stack(LEFT, RIGHT)) == pytest.approx(1 / 2)
    assert dice_match(stack(LEFT, RIGHT, ALL), stack(LEFT, RIGHT)) == 1


def test_a_share_of_exactly_three_tenths_is_not_above_three_tenths() -> None:
    raters = stack(*[LEFT] * 3, *[NONE] * 7)
    # above .1 left, from .3 on nothing; the samples mark left above every threshold
    assert soft_dice(LEFT[None], raters) == pytest.approx(1 / 5)


def test_masks_may_have_any_number_of_axes_and_any_whole_type() -> None:
    samples, raters = masks(3, shape=(5, 6, 7), seed=1), masks(2, shape=(5, 6, 7), seed=2)
    for key, options in CALLS:
        flat = METRICS[key].function(samples.reshape(3, -1), raters.reshape(2, -1), **options)
        assert METRICS[key].function(samples.astype(np.uint8), raters, **options) == flat


def test_counts_stay_exact_across_many_voxels() -> None:
    samples = np.zeros((1, 200_001), dtype=np.bool_)
    samples[0, ::2] = True
    assert dice_match(samples, np.ones_like(samples)) == 2 * 100_001 / 300_002


@pytest.mark.parametrize(("key", "options"), CALLS)
def test_sets_that_cannot_be_compared_are_refused(key: str, options: dict[str, str]) -> None:
    function = METRICS[key].function
    with pytest.raises(ShapeMismatch):
        function(np.ones((2, 3, 3)), np.ones((2, 3, 4)), **options)
    with pytest.raises(ShapeMismatch):
        function(np.ones((0, 3, 3)), np.ones((2, 3, 3)), **options)
    with pytest.raises(UndefinedMetric, match="raters"):
        function(np.ones((2, 3, 3)), np.ones((0, 3, 3)), **options)


@settings(deadline=None, max_examples=60)
@given(sets=SETS, data=st.data())
def test_neither_the_order_of_the_masks_nor_the_place_of_the_voxels_matters(sets: Any, data: st.DataObject) -> None:
    samples, raters = sets
    turn = data.draw(st.permutations(range(len(samples))))
    for key, options in CALLS:
        value = METRICS[key].function(samples, raters, **options)
        assert METRICS[key].function(samples[turn], raters[::-1], **options) == pytest.approx(value, abs=1e-12)
        assert METRICS[key].function(samples[:, ::-1], raters[:, ::-1], **options) == pytest.approx(value, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(sets=SETS)
def test_every_value_stays_within_its_bounds_and_symmetry_holds_where_it_should(sets: Any) -> None:
    samples, raters = sets
    for key, options in CALLS:
        low, high = METRICS[key].spec.bounds
        assert low is not None
        assert high is not None
        assert low <= METRICS[key].function(samples, raters, **options) <= high
    assert ged(samples, raters, variant="v") >= -1e-12
    assert ged(samples, raters) == pytest.approx(ged(raters, samples), abs=1e-12)
    assert d_max(samples, raters, direction="samples") == pytest.approx(d_max(raters, samples, direction="raters"))
    assert soft_dice(samples, raters) == pytest.approx(soft_dice(raters, samples))


@settings(deadline=None, max_examples=40)
@given(sets=SETS)
def test_no_other_assignment_is_better_than_the_matched_one(sets: Any) -> None:
    samples, raters = sets
    pairs = {(s, r): dice_match(samples[[s]], raters[[r]]) for s in range(len(samples)) for r in range(len(raters))}
    seats = [*range(len(samples)), *[None] * len(raters)]
    best = (
        max(
            sum(pairs[s, r] for r, s in enumerate(seated) if s is not None) / len(raters)
            for seated in set(permutations(seats, len(raters)))
        )
        if len(seats) <= 7
        else dice_match(samples, raters)
    )
    assert dice_match(samples, raters) == pytest.approx(best, abs=1e-12)
