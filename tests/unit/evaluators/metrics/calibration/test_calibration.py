"""Stated probabilities against outcomes: hand-worked numbers, edges of bins, ties."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import brier_score_loss

from evaluators.contract.metrics import OptionProblem
from evaluators.metrics import METRICS
from evaluators.metrics.errors import NotAScore, ShapeMismatch, UndefinedMetric
from tests.golden.make_calibration import PATH
from tests.golden.records import probabilities

ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["rows"]
KEYS = ("ece", "brier", "aurc")
ece, brier, aurc = (METRICS[key].function for key in KEYS)

PAIRS = st.integers(1, 30).flatmap(
    lambda size: st.tuples(
        arrays(np.float64, size, elements=st.floats(0, 1)), arrays(np.int64, size, elements=st.integers(0, 1))
    )
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['key']} {row['options']} seed {row['inputs']['seed']}")
def test_every_value_equals_the_peers(row: dict[str, Any]) -> None:
    stated, outcomes = probabilities(row["inputs"]["items"], seed=row["inputs"]["seed"])
    metric = METRICS[row["key"]]
    # torchmetrics' multiclass form rounds to single precision on its way
    assert metric.function(stated, outcomes, **metric.spec.settle(row["options"])) == pytest.approx(
        row["value"], abs=1e-6
    )


def test_the_calibration_error_of_four_items_worked_by_hand() -> None:
    stated, outcomes = np.array([0.15, 0.15, 0.85, 0.95]), np.array([0, 1, 1, 1])
    # class 1: bin (.1, .2] states .15 and sees .5, the two above are .15 and .05 off
    assert ece(stated, outcomes) == pytest.approx((2 * 0.35 + 0.15 + 0.05) / 4)
    # confidence: .85 three times, right in two of three; .95 right
    assert ece(stated, outcomes, variant="confidence") == pytest.approx((3 * abs(0.85 - 2 / 3) + 0.05) / 4)


def test_both_variants_differ_on_the_same_data() -> None:
    stated, outcomes = probabilities(400, seed=9)
    assert abs(ece(stated, outcomes) - ece(stated, outcomes, variant="confidence")) > 0.005


def test_a_value_on_an_edge_belongs_to_the_bin_below() -> None:
    # .3 with .25 are one bin (.2, .3]: their gaps .3 and -.75 partly cancel; apart they would add up
    assert ece(np.array([0.3, 0.25]), np.array([0, 1])) == pytest.approx(abs(0.3 - 0.75) / 2)
    assert ece(np.array([0.3, 0.35]), np.array([0, 1])) == pytest.approx((0.3 + 0.65) / 2)


def test_a_probability_of_nought_counts_in_the_first_bin() -> None:
    assert ece(np.array([0.0, 0.5]), np.array([1, 1])) == pytest.approx((1 + 0.5) / 2)


def test_one_bin_compares_the_two_means() -> None:
    stated, outcomes = probabilities(50, seed=3)
    assert ece(stated, outcomes, bins=1) == pytest.approx(abs(stated.mean() - outcomes.mean()))


@pytest.mark.parametrize("bins", [0.5, 2.5, 10_000.0])
def test_bins_must_be_a_sensible_whole_number(bins: float) -> None:
    with pytest.raises(OptionProblem, match="whole number"):
        ece(np.array([0.5]), np.array([1]), bins=bins)


def test_never_sure_costs_a_quarter_and_surely_wrong_costs_everything() -> None:
    assert brier(np.full(4, 0.5), np.array([0, 1, 1, 0])) == 0.25
    assert brier(np.array([0.0, 1.0]), np.array([1, 0])) == 1
    assert brier(np.array([0.0, 1.0]), np.array([0, 1])) == 0


def test_risk_and_coverage_worked_by_hand() -> None:
    stated, outcomes = np.array([0.9, 0.2, 0.7, 0.6]), np.array([1, 0, 0, 1])
    # from the surest: right, right, wrong, right: risks 0, 0, 1/3, 1/4
    assert aurc(stated, outcomes) == pytest.approx((1 / 3 + 1 / 4) / 4)
    assert aurc(stated, (stated > 0.5).astype(int)) == 0
    assert aurc(stated, (stated <= 0.5).astype(int)) == 1


def test_items_of_equal_confidence_count_as_the_mean_over_their_orders() -> None:
    stated, outcomes = np.array([0.9, 0.7, 0.3, 0.7, 0.6]), np.array([1, 0, 0, 1, 0])
    tied = [1, 2, 3]
    values = []
    for order in permutations(tied):
        apart = stated.copy()
        for place, item in enumerate(order):
            apart[item] = stated[item] + (1e-9 * (3 - place)) * (1 if stated[item] > 0.5 else -1)
        values.append(aurc(apart, outcomes))
    assert len(set(values)) > 1
    assert aurc(stated, outcomes) == pytest.approx(np.mean(values), abs=1e-12)


def test_exactly_one_half_answers_no() -> None:
    assert aurc(np.array([0.5]), np.array([0])) == 0
    assert ece(np.array([0.5]), np.array([0]), variant="confidence") == pytest.approx(0.5)


def test_a_volume_of_probabilities_is_a_list_of_voxels() -> None:
    stated, outcomes = probabilities(60, seed=4)
    for function in (ece, brier, aurc):
        flat = function(stated, outcomes)
        assert function(stated.reshape(3, 4, 5), outcomes.reshape(3, 4, 5)) == flat
        assert function(stated.astype(np.float64), outcomes.astype(bool)) == flat


@pytest.mark.parametrize("key", KEYS)
def test_what_is_no_probability_or_no_outcome_is_refused(key: str) -> None:
    function = METRICS[key].function
    with pytest.raises(ShapeMismatch):
        function(np.zeros(3), np.zeros(4))
    for wrong in (np.nan, np.inf, -0.1, 1.5):
        with pytest.raises(NotAScore, match="from 0 to 1"):
            function(np.array([0.5, wrong]), np.array([0, 1]))
    with pytest.raises(UndefinedMetric, match="0 or 1"):
        function(np.array([0.5, 0.5]), np.array([0, 2]))
    with pytest.raises(UndefinedMetric, match="nothing"):
        function(np.zeros(0), np.zeros(0))


@settings(deadline=None, max_examples=60)
@given(pair=PAIRS, data=st.data())
def test_the_order_of_the_items_does_not_matter_and_values_stay_within_bounds(pair: Any, data: st.DataObject) -> None:
    stated, outcomes = pair
    turn = data.draw(st.permutations(range(len(stated))))
    for key, options in [("ece", {}), ("ece", {"variant": "confidence"}), ("brier", {}), ("aurc", {})]:
        value = METRICS[key].function(stated, outcomes, **options)
        assert 0 <= value <= 1 + 1e-12
        assert METRICS[key].function(stated[turn], outcomes[turn], **options) == pytest.approx(value, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(pair=PAIRS)
def test_naming_the_classes_the_other_way_round_changes_what_it_should(pair: Any) -> None:
    stated, outcomes = pair
    assert brier(1 - stated, 1 - outcomes) == pytest.approx(brier(stated, outcomes), abs=1e-12)
    assert brier(stated, outcomes) == pytest.approx(brier_score_loss(outcomes, stated, labels=[0, 1]), abs=1e-12)
