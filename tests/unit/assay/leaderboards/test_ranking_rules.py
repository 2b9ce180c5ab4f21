"""Ranking policy, each rule as a sentence with a small table in and a table out."""

from __future__ import annotations

from itertools import permutations
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.leaderboards.ranking.aggregate import mean, members, stratum_keys
from assay.leaderboards.ranking.contest import Table, cells_of
from assay.leaderboards.ranking.missing import RankedMetric, fill
from assay.leaderboards.ranking.rules import QUALITY_RULES, rank
from assay.leaderboards.ranking.words import describe
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import Ranking, RankingRule, TieMethod

R = RankingRule
SSIM = RankedMetric(key="ssim", better=Better.HIGHER, worst=0.0)
NMSE = RankedMetric(key="nmse", better=Better.LOWER, worst=1.0)
#: significance needs more cases than these small tables have: test_ranking_statistics.py
ANY_RULE = pytest.mark.parametrize("rule", [rule for rule in QUALITY_RULES if rule is not R.SIGNIFICANCE])


def ranks(
    table: Table,
    rule: RankingRule = R.RANK_THEN_MEAN,
    *,
    metrics: tuple[RankedMetric, ...] = (SSIM,),
    cells: list[Any] | None = None,
    ties: TieMethod = TieMethod.MIN,
) -> dict[str, float]:
    """Entry -> rank. Every case weighs the same unless cells are given."""
    count = len(next(iter(next(iter(table.values())).values())))
    standings = rank(table=table, metrics=metrics, cells=cells or [()] * count, rule=rule, ties=ties)
    return {name: standing.rank for name, standing in standings.items()}


def scores(table: Table, rule: RankingRule, *, metrics: tuple[RankedMetric, ...] = (SSIM,)) -> dict[str, float]:
    count = len(next(iter(next(iter(table.values())).values())))
    standings = rank(table=table, metrics=metrics, cells=[()] * count, rule=rule)
    return {name: standing.score for name, standing in standings.items()}


@ANY_RULE
def test_the_method_that_is_better_everywhere_is_first(rule: RankingRule) -> None:
    table = {"A": {"ssim": [0.9, 0.8]}, "B": {"ssim": [0.7, 0.6]}, "C": {"ssim": [0.5, 0.4]}}
    assert ranks(table, rule) == {"A": 1, "B": 2, "C": 3}


@ANY_RULE
def test_lower_is_better_where_the_metric_says_so(rule: RankingRule) -> None:
    assert ranks({"A": {"nmse": [0.1]}, "B": {"nmse": [0.2]}}, rule, metrics=(NMSE,)) == {"A": 1, "B": 2}


def test_one_outlier_decides_mean_then_rank_but_not_rank_then_mean() -> None:
    table = {"steady": {"ssim": [0.8, 0.8, 0.8]}, "mostly better": {"ssim": [0.81, 0.81, 0.1]}}
    assert ranks(table, R.MEAN_THEN_RANK) == {"steady": 1, "mostly better": 2}
    assert ranks(table, R.RANK_THEN_MEAN) == {"steady": 2, "mostly better": 1}
    assert ranks(table, R.MEDIAN_OF_RANKS) == {"steady": 2, "mostly better": 1}


def test_rank_then_mean_averages_the_ranks_of_every_case_and_metric() -> None:
    table = {
        "A": {"ssim": [0.9, 0.5], "nmse": [0.1, 0.1]},
        "B": {"ssim": [0.8, 0.6], "nmse": [0.2, 0.2]},
    }
    # ssim: A 1 2, B 2 1; nmse: A 1 1, B 2 2
    assert scores(table, R.RANK_THEN_MEAN, metrics=(SSIM, NMSE)) == {"A": 1.25, "B": 1.75}


def test_the_median_of_ranks_ignores_how_bad_the_bad_half_is() -> None:
    table = {
        "A": {"ssim": [0.9, 0.9, 0.1]},
        "B": {"ssim": [0.8, 0.8, 0.8]},
        "C": {"ssim": [0.7, 0.7, 0.9]},
    }
    # ranks: A 1 1 3, B 2 2 2, C 3 3 1
    assert scores(table, R.MEDIAN_OF_RANKS) == {"A": 1, "B": 2, "C": 3}


def test_the_median_of_an_even_number_of_ranks_is_the_middle_of_two() -> None:
    table = {"A": {"ssim": [0.9, 0.1]}, "B": {"ssim": [0.8, 0.8]}, "C": {"ssim": [0.7, 0.9]}}
    # ranks: A 1 3, B 2 2, C 3 1
    assert scores(table, R.MEDIAN_OF_RANKS) == {"A": 2, "B": 2, "C": 2}


def test_sum_of_ranks_adds_one_rank_a_metric_and_orders_as_their_mean_does() -> None:
    table = {
        "A": {"ssim": [0.9, 0.7], "nmse": [0.3, 0.3]},
        "B": {"ssim": [0.7, 0.7], "nmse": [0.2, 0.2]},
        "C": {"ssim": [0.6, 0.6], "nmse": [0.1, 0.1]},
    }
    both = (SSIM, NMSE)
    assert scores(table, R.SUM_OF_RANKS, metrics=both) == {"A": 4, "B": 4, "C": 4}
    table["A"]["nmse"] = [0.05, 0.05]
    assert scores(table, R.SUM_OF_RANKS, metrics=both) == {"A": 2, "B": 5, "C": 5}
    assert scores(table, R.MEAN_THEN_RANK, metrics=both) == {"A": 1, "B": 2.5, "C": 2.5}
    assert ranks(table, R.SUM_OF_RANKS, metrics=both) == ranks(table, R.MEAN_THEN_RANK, metrics=both)


@ANY_RULE
@pytest.mark.parametrize(("ties", "shared", "last"), [("min", 1, 3), ("average", 1.5, 3), ("max", 2, 3)])
def test_methods_with_equal_scores_share_a_rank(rule: RankingRule, ties: str, shared: float, last: float) -> None:
    table = {"A": {"ssim": [0.9, 0.8]}, "B": {"ssim": [0.9, 0.8]}, "C": {"ssim": [0.1, 0.1]}}
    assert ranks(table, rule, ties=TieMethod(ties)) == {"A": shared, "B": shared, "C": last}


def test_thirds_add_up_exactly_so_that_equal_sums_tie() -> None:
    cells = ["x", "x", "x", "y", "y", "z"]
    table = {
        "A": {"ssim": [0.9, 0.9, 0.1, 0.9, 0.1, 0.1]},
        "B": {"ssim": [0.1, 0.1, 0.9, 0.1, 0.9, 0.9]},
        "C": {"ssim": [0.9, 0.9, 0.1, 0.9, 0.1, 0.1]},
    }
    assert ranks(table, cells=cells)["A"] == ranks(table, cells=cells)["C"]


@ANY_RULE
def test_a_missing_case_counts_as_the_worst_value(rule: RankingRule) -> None:
    table: Table = {"whole": {"ssim": [0.5, 0.5]}, "half": {"ssim": [0.6, None]}, "empty": {"ssim": [None, None]}}
    order = ranks(table, rule)
    assert order["empty"] == 3
    assert order["whole"] <= order["half"]


@ANY_RULE
@pytest.mark.parametrize(("metric", "awful"), [(SSIM, -0.4), (NMSE, 7.0)])
def test_nothing_delivered_ranks_below_missing(rule: RankingRule, metric: RankedMetric, awful: float) -> None:
    good = 0.5
    table: Table = {
        "good": {metric.key: [good, good]},
        "awful": {metric.key: [awful, awful]},
        "missing": {metric.key: [None, None]},
    }
    assert ranks(table, rule, metrics=(metric,)) == {"good": 1, "awful": 2, "missing": 2}


def test_delivered_values_are_clipped_at_the_worst_and_no_further() -> None:
    assert fill([0.5, -0.2, None], metric=SSIM).tolist() == [0.5, 0.0, 0.0]
    assert fill([0.5, 3.0, None], metric=NMSE).tolist() == [0.5, 1.0, 1.0]


def test_what_a_missing_case_counts_may_differ_from_case_to_case() -> None:
    diagonal = RankedMetric(key="hd95", better=Better.LOWER, worst=[300.0, 200.0, 100.0])
    assert fill([None, 250.0, 4.0], metric=diagonal).tolist() == [300.0, 200.0, 4.0]
    assert fill([4.0, None], metric=diagonal.at([2, 0])).tolist() == [4.0, 300.0]


def test_a_missing_case_without_a_value_takes_the_last_rank_of_all_entrants() -> None:
    last = RankedMetric(key="ssim", better=Better.HIGHER, worst=None)
    table: dict[str, dict[str, list[float | None]]] = {
        "A": {"ssim": [0.9, None]},
        "B": {"ssim": [0.8, 0.8]},
        "C": {"ssim": [0.7, None]},
    }
    # case 1: 1 2 3; case 2: B 1, the other two 3 each
    assert ranks(table, R.RANK_THEN_MEAN, metrics=(last,)) == {"B": 1, "A": 2, "C": 3}
    with pytest.raises(ValueError, match="missing"):
        ranks(table, R.MEAN_THEN_RANK, metrics=(last,))


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_number_that_is_not_finite_stops_the_ranking(value: float) -> None:
    with pytest.raises(ValueError, match="ssim"):
        ranks({"A": {"ssim": [value]}})


@ANY_RULE
def test_a_missing_case_is_ranked_but_never_averaged_into_what_is_shown(rule: RankingRule) -> None:
    table: dict[str, dict[str, list[float | None]]] = {"A": {"ssim": [0.8, None]}, "B": {"ssim": [0.5, 0.5]}}
    assert mean(table["A"]["ssim"]) == 0.8
    assert mean(table["B"]["ssim"]) == 0.5
    assert mean([None, None]) is None
    # (0.8 + 0) / 2 = 0.4 is what mean_then_rank compares
    assert ranks(table, rule)["B"] == 1


def test_equal_strata_give_every_combination_the_same_weight() -> None:
    # three easy cases, one hard one
    cells = ["easy", "easy", "easy", "hard"]
    table = {"A": {"ssim": [0.9, 0.9, 0.9, 0.1]}, "B": {"ssim": [0.8, 0.8, 0.8, 0.3]}}
    assert ranks(table, R.MEAN_THEN_RANK) == {"A": 1, "B": 2}
    assert ranks(table, R.MEAN_THEN_RANK, cells=cells) == {"A": 2, "B": 1}
    assert ranks(table, R.RANK_THEN_MEAN) == {"A": 1, "B": 2}
    assert ranks(table, R.RANK_THEN_MEAN, cells=cells) == {"A": 1, "B": 1}
    # half of the weight lies on the hard case, so the median falls between both ranks
    assert ranks(table, R.MEDIAN_OF_RANKS, cells=cells) == {"A": 1, "B": 1}


def test_a_cell_is_a_combination_of_all_strata() -> None:
    strata = [{"af": "4", "view": "sax"}, {"view": "sax", "af": "4"}, {"af": "4", "view": "lax"}]
    equal = cells_of(strata, weighting="equal")
    assert equal[0] == equal[1] != equal[2]
    assert len(set(cells_of(strata, weighting="cases"))) == 1


def test_strata_are_listed_in_the_tasks_order_and_only_where_cases_are() -> None:
    strata = [{"af": "10", "view": "sax"}, {"af": "4", "view": "sax"}]
    order = {"af": ["4", "8", "10"], "view": ["sax", "lax"]}
    assert stratum_keys(strata, order=order) == ["af=4", "af=10", "view=sax"]
    assert members(strata, key="af=10") == [0]
    assert members(strata, key="view=sax") == [0, 1]


@ANY_RULE
def test_one_method_alone_is_first_and_none_at_all_is_no_error(rule: RankingRule) -> None:
    assert ranks({"A": {"ssim": [0.1]}}, rule) == {"A": 1}
    assert rank(table={}, metrics=(SSIM,), cells=[()], rule=rule) == {}


@pytest.mark.parametrize(
    ("table", "metrics", "cells"),
    [
        pytest.param({"A": {"ssim": [0.1]}}, (SSIM, NMSE), [()], id="a metric is missing"),
        pytest.param({"A": {"ssim": [0.1]}, "B": {"ssim": [0.1, 0.2]}}, (SSIM,), [()], id="a case too many"),
        pytest.param({"A": {"ssim": [0.1]}}, (), [()], id="no metric ranks"),
        pytest.param({"A": {"ssim": []}}, (SSIM,), [], id="there are no cases"),
    ],
)
def test_a_table_with_a_hole_is_an_error_and_not_a_shorter_ranking(table: Table, metrics: Any, cells: Any) -> None:
    with pytest.raises(ValueError, match=r"must have|needs at least"):
        rank(table=table, metrics=metrics, cells=cells, rule=R.RANK_THEN_MEAN)


_VALUE = st.one_of(st.none(), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]))


@given(
    st.lists(st.lists(_VALUE, min_size=4, max_size=4), min_size=2, max_size=5),
    st.sampled_from(QUALITY_RULES),
    st.sampled_from(list(TieMethod)),
    st.randoms(use_true_random=False),
)
def test_neither_the_order_of_methods_nor_of_cases_changes_a_rank(
    columns: list[list[float | None]], rule: RankingRule, ties: TieMethod, random: Any
) -> None:
    cells = ["x", "x", "y", "z"]
    table = {str(number): {"ssim": column} for number, column in enumerate(columns)}
    expected = ranks(table, rule, cells=cells, ties=ties)
    names = list(table)
    random.shuffle(names)
    assert ranks({name: table[name] for name in names}, rule, cells=cells, ties=ties) == expected
    order = random.choice(list(permutations(range(4))))
    shuffled = {name: {"ssim": [columns["ssim"][at] for at in order]} for name, columns in table.items()}
    assert ranks(shuffled, rule, cells=[cells[at] for at in order], ties=ties) == expected


@given(st.lists(st.lists(_VALUE, min_size=3, max_size=3), min_size=2, max_size=4), st.sampled_from(QUALITY_RULES))
def test_delivering_a_missing_case_never_makes_a_rank_worse(
    columns: list[list[float | None]], rule: RankingRule
) -> None:
    table = {str(number): {"ssim": column} for number, column in enumerate(columns)}
    before = ranks(table, rule)["0"]
    improved: Table = {**table, "0": {"ssim": [0.9 if value is None else value for value in columns[0]]}}
    assert ranks(improved, rule)["0"] <= before


@ANY_RULE
@pytest.mark.parametrize("ties", list(TieMethod))
@pytest.mark.parametrize("strata", ["equal", "cases"])
def test_every_rule_can_be_read_in_words(rule: RankingRule, ties: TieMethod, strata: Any) -> None:
    words = describe(Ranking(rule=rule, ties=ties, strata=strata, missing="worst"))
    assert words.count(".") >= 4
    assert "missing case counts as the metric's worst value" in words
