"""Scores of records and classes: hand-worked rankings, classes that cannot be judged, intervals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluators.metrics import METRICS
from evaluators.metrics.classification import PerClass, record_bootstrap
from evaluators.metrics.classification.auprc import average_precision
from evaluators.metrics.classification.auroc import area
from evaluators.metrics.classification.fpr95 import false_alarms
from evaluators.metrics.classification.max_f1 import best_f1
from evaluators.metrics.errors import NotAScore, ShapeMismatch, UndefinedMetric
from tests.golden.make_classification import PATH
from tests.golden.records import scores as golden_scores

ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["rows"]
MEASURES = {"auroc": area, "auprc": average_precision, "max_f1": best_f1, "fpr95": false_alarms}
auroc, auprc, max_f1, fpr95 = (METRICS[key].function for key in MEASURES)

#: few distinct scores, so that ties are common; the first two records have different labels
TABLES = st.integers(2, 25).flatmap(
    lambda records: st.tuples(
        arrays(np.float64, (records, 2), elements=st.integers(-4, 4).map(float)),
        arrays(np.int64, (records, 2), elements=st.integers(0, 1)),
    )
)


def column(values: Any) -> np.ndarray:
    return np.array(values)[:, None]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['key']} seed {row['inputs']['seed']}")
def test_every_class_and_the_mean_equal_the_peers(row: dict[str, Any]) -> None:
    recipe = row["inputs"]
    scores, labels = golden_scores(recipe["records"], recipe["classes"], seed=recipe["seed"], steps=recipe["steps"])
    found = METRICS[row["key"]].function(scores, labels)
    assert [value is None for value in found.values] == [value is None for value in row["values"]]
    pairs = [(ours, theirs) for ours, theirs in zip(found.values, row["values"], strict=True) if theirs is not None]
    assert [ours for ours, _ in pairs] == pytest.approx([theirs for _, theirs in pairs], abs=1e-9)
    assert found.mean == pytest.approx(row["mean"], abs=1e-9)
    assert found.left_out == 1


def test_four_records_worked_by_hand() -> None:
    scores, labels = column([0.9, 0.8, 0.7, 0.6]), column([1, 0, 1, 0])
    # pairs in order: .9 above both, .7 above .6 alone
    assert auroc(scores, labels).values == (3 / 4,)
    assert auprc(scores, labels).values == pytest.approx((1 / 2 * 1 + 1 / 2 * 2 / 3,))
    assert max_f1(scores, labels).values == pytest.approx((2 * 2 / (3 + 2),))
    assert fpr95(scores, labels).values == (1 / 2,)


def test_a_constant_score_knows_nothing() -> None:
    scores, labels = np.zeros((10, 1)), column([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert auroc(scores, labels).mean == 0.5
    assert auprc(scores, labels).mean == pytest.approx(0.3)
    assert max_f1(scores, labels).mean == pytest.approx(2 * 0.3 / 1.3)
    assert fpr95(scores, labels).mean == 1


def test_a_tie_between_a_positive_and_a_negative_counts_one_half() -> None:
    assert auroc(column([2.0, 1.0, 1.0]), column([1, 1, 0])).values == (3 / 4,)


def test_exactly_19_of_20_positives_are_enough() -> None:
    # 19 positives above, then a negative, the last positive, a negative
    scores = column(np.arange(22, 0, -1))
    labels = column([1] * 19 + [0, 1, 0])
    assert fpr95(scores, labels).mean == 0
    assert fpr95(scores[1:], labels[1:]).mean == 1 / 2


def test_a_class_with_one_label_is_left_out_and_counted() -> None:
    scores = np.array([[0.9, 0.9, 0.1], [0.1, 0.1, 0.9]])
    labels = np.array([[1, 1, 0], [0, 1, 0]])
    for key in MEASURES:
        found = METRICS[key].function(scores, labels)
        assert isinstance(found, PerClass)
        assert found.values[1:] == (None, None)
        assert found.mean == found.values[0]
        assert (found.left_out, found.positives) == (2, (1, 2, 0))


@pytest.mark.parametrize("key", MEASURES)
def test_what_cannot_be_ordered_or_judged_is_refused(key: str) -> None:
    function = METRICS[key].function
    with pytest.raises(ShapeMismatch):
        function(np.zeros((3, 2)), np.zeros((3, 1)))
    with pytest.raises(ShapeMismatch):
        function(np.zeros(3), np.zeros(3))
    for wrong in (np.nan, np.inf):
        with pytest.raises(NotAScore, match="NaN"):
            function(column([0.5, wrong]), column([0, 1]))
    with pytest.raises(UndefinedMetric, match="0 or 1"):
        function(column([0.5, 0.6]), column([0, 2]))
    with pytest.raises(UndefinedMetric, match="both labels"):
        function(np.zeros((3, 2)), np.zeros((3, 2)))
    with pytest.raises(UndefinedMetric, match="both labels"):
        function(np.zeros((0, 2)), np.zeros((0, 2)))


@settings(deadline=None, max_examples=80)
@given(table=TABLES)
def test_each_class_equals_scikit_learn_under_ties(table: Any) -> None:
    scores, labels = table
    labels[:2, :] = [[0, 1], [1, 0]]
    for function, peer in ((auroc, roc_auc_score), (auprc, average_precision_score)):
        expected = [peer(labels[:, one], scores[:, one]) for one in range(2)]
        assert list(function(scores, labels).values) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(table=TABLES, data=st.data())
def test_neither_the_scale_of_the_scores_nor_the_order_of_records_matters(table: Any, data: st.DataObject) -> None:
    scores, labels = table
    labels[:2, :] = [[0, 1], [1, 0]]
    turn = data.draw(st.permutations(range(len(scores))))
    for key in MEASURES:
        function = METRICS[key].function
        found = function(scores, labels)
        assert function(np.exp(scores) * 3 - 7, labels) == found
        assert function(scores[turn], labels[turn]) == found
        assert function(scores[:, ::-1], labels[:, ::-1]).values == found.values[::-1]
    turned = auroc(-scores, labels)
    assert turned.mean == pytest.approx(1 - auroc(scores, labels).mean, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(table=TABLES)
def test_values_stay_from_nought_to_one(table: Any) -> None:
    scores, labels = table
    labels[:2, :] = [[0, 1], [1, 0]]
    for key in MEASURES:
        assert all(0 <= value <= 1 for value in METRICS[key].function(scores, labels).values)


def test_a_resample_counts_as_if_its_records_stood_there_as_often() -> None:
    scores, labels = golden_scores(30, 3, seed=21, steps=6)
    for key, measure in MEASURES.items():
        interval = record_bootstrap(scores, labels, measure=measure, repeats=40, seed=5)
        generator, means = np.random.default_rng(5), []
        for _ in range(40):
            drawn = generator.integers(30, size=30)
            means.append(METRICS[key].function(scores[drawn], labels[drawn]).mean)
        assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=1e-12)
        assert interval.used == 40


def test_the_interval_holds_the_value_and_is_the_same_for_the_same_seed() -> None:
    scores, labels = golden_scores(300, 4, seed=22)
    first, again, other = (record_bootstrap(scores, labels, measure=area, repeats=200, seed=s) for s in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.low < auroc(scores, labels).mean < first.high


def test_records_of_one_patient_are_drawn_together_so_that_copies_add_no_certainty() -> None:
    scores, labels = golden_scores(40, 2, seed=23)
    plain = record_bootstrap(scores, labels, measure=area, repeats=100, seed=3)
    copied = np.repeat(scores, 5, axis=0), np.repeat(labels, 5, axis=0)
    patients = [f"patient {one // 5}" for one in range(200)]
    assert record_bootstrap(*copied, measure=area, repeats=100, seed=3, units=patients) == plain
    alone = record_bootstrap(*copied, measure=area, repeats=100, seed=3)
    assert alone.high - alone.low < plain.high - plain.low


def test_resamples_without_both_labels_are_left_out_and_counted() -> None:
    scores, labels = column([0.9, 0.2, 0.3]), column([1, 0, 0])
    interval = record_bootstrap(scores, labels, measure=area, repeats=300, seed=0)
    assert 0 < interval.used < 300
    assert (interval.low, interval.high) == (1, 1)
    with pytest.raises(UndefinedMetric, match="resample"):
        record_bootstrap(scores, np.zeros_like(labels), measure=area, repeats=10)


def test_units_must_be_told_for_every_record() -> None:
    with pytest.raises(ShapeMismatch):
        record_bootstrap(column([0.9, 0.2]), column([1, 0]), measure=area, units=["one"])
