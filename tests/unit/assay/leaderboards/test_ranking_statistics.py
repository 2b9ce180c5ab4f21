"""How sure a ranking is: tests between methods, the bootstrap over subjects, groups. Against scipy, and as sentences of policy."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.leaderboards.ranking import certainty as certainties
from assay.leaderboards.ranking import wilcoxon
from assay.leaderboards.ranking.bootstrap import TooFewUnits, drawn_ranks, stability
from assay.leaderboards.ranking.certainty import certainty, key_of
from assay.leaderboards.ranking.contest import Contest, contest
from assay.leaderboards.ranking.groups import groups, told_apart
from assay.leaderboards.ranking.kendall import tau_b
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import QUALITY_RULES, rank, standings
from assay.leaderboards.ranking.significance import TooManyTests, beaten, can_tell_apart
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule, TieMethod

R = RankingRule
SSIM = RankedMetric(key="ssim", better=Better.HIGHER, worst=0.0)


def ready(
    columns: dict[str, list[float | None]],
    *,
    rule: RankingRule = R.RANK_THEN_MEAN,
    units: list[Any] | None = None,
    cells: list[Any] | None = None,
) -> Contest:
    count = len(next(iter(columns.values())))
    return contest(
        table={name: {"ssim": column} for name, column in columns.items()},
        metrics=(SSIM,),
        cells=cells or [()] * count,
        rule=rule,
        ties=TieMethod.MIN,
        units=units,
    )


def noisy(*means: float, cases: int = 30, seed: int = 0, spread: float = 0.05) -> dict[str, list[float | None]]:
    random = np.random.default_rng(seed)
    shared = random.normal(0, 0.1, cases)
    return {
        chr(ord("A") + at): np.clip(mean + shared + random.normal(0, spread, cases), 0.01, 0.99).tolist()
        for at, mean in enumerate(means)
    }


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=25),
)
def test_one_pairs_chances_are_scipys(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    lower, higher = wilcoxon.once(one[None], other[None])
    if (one == other).all():
        assert (lower[0], higher[0]) == (1.0, 1.0)
        return
    for mine, way in ((lower[0], other - one), (higher[0], one - other)):
        peer = stats.wilcoxon(way, alternative="greater", method="asymptotic", correction=True, zero_method="wilcox")
        assert mine == pytest.approx(peer.pvalue, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(2, 12))
def test_a_drawn_pairs_chances_are_those_of_the_repeated_units(seed: int, units: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.integers(0, 5, (2, units)).astype(float)
    counts = random.integers(0, 4, (units, 3)).astype(float)
    counts[0] += 1
    lower, higher = wilcoxon.drawn(one, other, counts=counts)
    for draw in range(3):
        taken = np.repeat(np.arange(units), counts[:, draw].astype(int))
        plain = wilcoxon.once(one[taken][None], other[taken][None])
        assert (lower[draw], higher[draw]) == pytest.approx((plain[0][0], plain[1][0]), abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(1, 5), min_size=6, max_size=6), min_size=2, max_size=4))
def test_kendalls_tau_is_scipys(rankings: list[list[int]]) -> None:
    first, *rest = np.array(rankings, dtype=float)
    for mine, other in zip(tau_b(first, rankings=np.array(rest)), rest, strict=True):
        peer = stats.kendalltau(first, other).statistic
        if np.isnan(peer):
            flat = len(set(first)) == 1, len(set(other)) == 1
            assert mine == (1.0 if all(flat) else 0.0)
        else:
            assert mine == pytest.approx(peer, abs=1e-12)


def test_a_method_that_beats_its_rivals_significantly_ranks_before_one_that_only_looks_better() -> None:
    placed = rank(
        table={name: {"ssim": column} for name, column in noisy(0.8, 0.5, 0.5).items()},
        metrics=(SSIM,),
        cells=[()] * 30,
        rule=R.SIGNIFICANCE,
    )
    assert {name: (at.rank, at.score) for name, at in placed.items()} == {"A": (1, 1.0), "B": (2, 0.0), "C": (2, 0.0)}


def test_two_cases_prove_nothing() -> None:
    placed = standings(ready({"A": [0.9, 0.9], "B": [0.1, 0.1]}, rule=R.SIGNIFICANCE))
    assert {at.rank for at in placed.values()} == {1}


def test_the_same_subject_scanned_often_is_still_one_subject() -> None:
    columns: dict[str, list[float | None]] = {
        "A": [0.8 + case / 1000 for case in range(20)],
        "B": [0.5 + case / 2000 for case in range(20)],
    }
    apart = told_apart(ready(columns))
    assert apart.tolist() == [[False, True], [True, False]]
    assert not told_apart(ready(columns, units=["one"] * 10 + ["two"] * 10)).any()


def test_more_rivals_ask_for_more_evidence() -> None:
    pair = noisy(0.6, 0.4, cases=8)
    alone = beaten(ready(pair), counts=np.ones((1, 8)))[0, 0, 0, 1]
    crowd = {**pair, **{f"x{at}": pair["B"] for at in range(30)}}
    among = beaten(ready(crowd), counts=np.ones((1, 8)))[0, 0, 0, 1]
    uncorrected = beaten(ready(crowd), counts=np.ones((1, 8)), holm=False)[0, 0, 0, 1]
    assert (alone, among, uncorrected) == (True, False, True)


def test_a_dozen_subjects_can_tell_six_methods_apart_in_three_metrics() -> None:
    columns = noisy(0.9, 0.75, 0.6, 0.45, 0.3, 0.15, cases=12, spread=0.01)
    keys = ("one", "two", "three")
    crowd = contest(
        table={name: dict.fromkeys(keys, column) for name, column in columns.items()},
        metrics=[RankedMetric(key=key, better=Better.HIGHER, worst=0.0) for key in keys],
        cells=[()] * 12,
        rule=R.SIGNIFICANCE,
        ties=TieMethod.MIN,
    )
    assert {name: at.rank for name, at in standings(crowd).items()} == {name: at for at, name in enumerate("ABCDEF", 1)}


def test_so_many_tests_that_nobody_would_wait_are_refused_with_what_to_do() -> None:
    columns: dict[str, list[float | None]] = {str(at): [0.5, 0.5] for at in range(300)}
    with pytest.raises(TooManyTests, match="fewer draws"):
        beaten(ready(columns), counts=np.ones((100_000, 2)))


def test_the_same_seed_draws_the_same_intervals_and_another_one_others() -> None:
    close = ready(noisy(0.60, 0.59, 0.58, 0.57, cases=12))
    assert stability(close, repeats=200, seed=1) == stability(close, repeats=200, seed=1)
    assert stability(close, repeats=200, seed=1).shares != stability(close, repeats=200, seed=2).shares


@pytest.mark.parametrize("rule", QUALITY_RULES)
def test_an_interval_holds_the_middle_of_the_draws_and_shares_sum_to_one(rule: RankingRule) -> None:
    stable = stability(ready(noisy(0.9, 0.61, 0.60, 0.59, cases=15), rule=rule), repeats=300)
    for name, (low, high) in stable.intervals.items():
        assert 1 <= low <= high <= 4
        assert sum(stable.shares[name].values()) == pytest.approx(1)
        within = sum(share for rank_, share in stable.shares[name].items() if low <= rank_ <= high)
        assert within >= 0.95
    assert stable.intervals["A"] == (1, 1)
    assert stable.tau is not None
    assert 0 < stable.tau <= 1


@pytest.mark.parametrize("rule", [rule for rule in QUALITY_RULES if rule is not R.SIGNIFICANCE])
def test_a_draw_ranks_as_if_its_subjects_had_been_the_dataset(rule: RankingRule) -> None:
    columns = noisy(0.62, 0.60, 0.58, cases=8, seed=5)
    units = [0, 0, 1, 1, 2, 2, 3, 3]
    drawn = drawn_ranks(ready(columns, rule=rule, units=units), repeats=20, seed=7)
    random = np.random.default_rng(7)
    for row in range(20):
        # the same generator, one row of whole subjects at a time
        picked = random.integers(4, size=4)
        cases = [case for unit in picked for case in range(8) if units[case] == unit]
        table = {name: {"ssim": [column[case] for case in cases]} for name, column in columns.items()}
        placed = rank(table=table, metrics=(SSIM,), cells=[()] * len(cases), rule=rule)
        assert drawn[row].tolist() == [placed[name].rank for name in columns]


def test_one_subject_cannot_be_drawn_again() -> None:
    with pytest.raises(TooFewUnits, match="two at least"):
        stability(ready({"A": [0.5, 0.6], "B": [0.4, 0.5]}, units=["one", "one"]))


def test_methods_that_cannot_be_told_apart_share_a_letter() -> None:
    found = groups(ready(noisy(0.9, 0.602, 0.60, 0.2, cases=30)))
    assert [set(run) for run in found.runs] == [{"A"}, {"B", "C"}, {"D"}]
    assert found.letters == {"A": "a", "B": "b", "C": "b", "D": "c"}


@pytest.mark.parametrize("rule", QUALITY_RULES)
def test_neither_the_order_of_methods_nor_that_of_cases_matters(rule: RankingRule) -> None:
    columns = noisy(0.62, 0.60, 0.58, cases=9, seed=11)
    wanted = {name: at.rank for name, at in standings(ready(columns, rule=rule)).items()}
    for order in permutations(columns):
        turned = {name: columns[name][::-1] for name in order}
        assert {name: at.rank for name, at in standings(ready(turned, rule=rule)).items()} == wanted


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from([0.2, 0.4, 0.6, 0.8]), min_size=4, max_size=4), min_size=2, max_size=5),
    st.integers(0, 3),
    st.sampled_from([rule for rule in QUALITY_RULES if rule is not R.SIGNIFICANCE]),
)
def test_leaving_a_case_out_never_improves_a_rank(table: list[list[float]], case: int, rule: RankingRule) -> None:
    columns: dict[str, list[float | None]] = {str(at): list(row) for at, row in enumerate(table)}
    before = standings(ready(columns, rule=rule))["0"].rank
    columns["0"][case] = None
    assert standings(ready(columns, rule=rule))["0"].rank >= before


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.floats(0.3, 0.9), min_size=3, max_size=3), min_size=2, max_size=5))
def test_a_method_worse_than_all_moves_nobody_under_mean_then_rank(table: list[list[float]]) -> None:
    columns: dict[str, list[float | None]] = {str(at): list(row) for at, row in enumerate(table)}
    before = {name: at.rank for name, at in standings(ready(columns, rule=R.MEAN_THEN_RANK)).items()}
    after = {
        name: at.rank for name, at in standings(ready({**columns, "z": [0.1, 0.1, 0.1]}, rule=R.MEAN_THEN_RANK)).items()
    }
    assert after.pop("z") == len(table) + 1
    assert after == before


def test_how_sure_a_ranking_is_holds_draws_letters_and_the_chances_behind_them() -> None:
    table = ready(noisy(0.8, 0.6, 0.595, 0.3))
    found = certainty(table, repeats=200)
    assert found.intervals == stability(table, repeats=200).intervals
    assert found.letters == groups(table).letters
    wins = np.array(found.chances["ssim"]) < 0.05
    assert (wins == beaten(table, counts=table.whole)[0, 0]).all()
    assert found.letters["B"] == found.letters["C"] != found.letters["A"]


@pytest.mark.parametrize(("methods", "told"), [(6, True), (7, False)])
def test_twelve_subjects_tell_six_methods_apart_and_no_more(methods: int, told: bool) -> None:
    # each is better than the next in every subject, by another amount in each: nothing could be clearer
    steps = np.linspace(0.01, 0.02, 12)
    values: dict[str, list[float | None]] = {f"M{at}": (0.9 - at * steps).tolist() for at in range(methods)}
    letters = groups(ready(values)).letters
    assert (len(set(letters.values())) > 1) is told
    assert can_tell_apart(units=12, methods=methods) is told


def test_letters_are_of_the_first_methods_alone_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certainties, "MOST_TESTED", 2)
    found = certainty(ready(noisy(0.3, 0.8, 0.6)), repeats=50)
    assert found.tested == ("B", "C")
    assert set(found.letters) == {"B", "C"}
    assert set(found.intervals) == {"A", "B", "C"}


def test_another_value_subject_rule_or_method_is_another_ranking() -> None:
    values = noisy(0.8, 0.6, cases=6)
    units = [0, 0, 1, 1, 2, 2]
    same = key_of(ready(values, units=units))
    assert same == key_of(ready(values, units=["a", "a", "b", "b", "c", "c"]))
    others = [
        ready({**values, "B": [*values["B"][:-1], None]}, units=units),
        ready({**values, "B": [*values["B"][:-1], 0.61]}, units=units),
        ready({"A": values["A"], "Z": values["B"]}, units=units),
        ready(values, units=[0, 0, 1, 1, 1, 2]),
        ready(values, units=units, rule=R.SUM_OF_RANKS),
        ready(values, units=units, cells=[0, 1, 0, 1, 0, 1]),
    ]
    assert len({same, *map(key_of, others)}) == len(others) + 1
