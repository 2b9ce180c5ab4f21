"""Laws that ranking rules keep, whatever the table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.leaderboards.ranking.contest import Contest, contest
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import QUALITY_RULES, standings
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RANKS_CASES, RankingRule, TieMethod

R = RankingRule
#: team -> metric -> one value or None a case
Teams = list[list[list[float | None]]]
#: every rule with every way in which it can count a missing case: the worst value, a number in the middle, the last rank
LAWS = [
    (rule, missing)
    for rule in QUALITY_RULES
    for missing in (0.0, 0.4, None)
    if missing is not None or rule in RANKS_CASES
]
CASES, METRICS = 6, 2
_VALUE = st.sampled_from([0.1, 0.2, 0.4, 0.5, 0.7, 0.9])


def _teams(value: Any, *, at_least: int = 2) -> Any:
    column = st.lists(value, min_size=CASES, max_size=CASES)
    team = st.lists(column, min_size=METRICS, max_size=METRICS)
    return st.lists(team, min_size=at_least, max_size=5)


_WITH_HOLES = _teams(st.one_of(st.none(), _VALUE))
_WHOLE = _teams(_VALUE)
_TIES = st.sampled_from(list(TieMethod))
_CELLS = st.sampled_from([["x"] * 6, ["x", "x", "x", "y", "y", "z"]])
_UNITS = st.sampled_from([[0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2]])


def _contest(
    teams: Teams,
    rule: RankingRule,
    *,
    missing: float | None = 0.0,
    ties: TieMethod = TieMethod.MIN,
    cells: list[str] | None = None,
    units: list[int] | None = None,
) -> Contest:
    keys = [f"m{at}" for at in range(len(teams[0]))]
    return contest(
        table={str(at): dict(zip(keys, columns, strict=True)) for at, columns in enumerate(teams)},
        metrics=[RankedMetric(key=key, better=Better.HIGHER, worst=missing) for key in keys],
        cells=cells or ["x"] * len(teams[0][0]),
        rule=rule,
        ties=ties,
        units=units,
    )


def _ranks(teams: Teams, rule: RankingRule, **how: Any) -> list[float]:
    placed = standings(_contest(teams, rule, **how))
    return [placed[str(at)].rank for at in range(len(teams))]


def _turned(teams: Teams, order: list[int]) -> Teams:
    return [[[column[case] for case in order] for column in team] for team in teams]


@pytest.mark.parametrize(("rule", "missing"), LAWS)
@settings(deadline=None, max_examples=25)
@given(teams=_WITH_HOLES, ties=_TIES, cells=_CELLS, units=_UNITS, data=st.data())
def test_neither_the_order_of_teams_nor_that_of_cases_matters(
    rule: RankingRule,
    missing: float | None,
    teams: Teams,
    ties: TieMethod,
    cells: list[str],
    units: list[int],
    data: st.DataObject,
) -> None:
    expected = _ranks(teams, rule, missing=missing, ties=ties, cells=cells, units=units)
    seats = data.draw(st.permutations(range(len(teams))))
    moved = _ranks([teams[at] for at in seats], rule, missing=missing, ties=ties, cells=cells, units=units)
    assert moved == [expected[at] for at in seats]
    order = data.draw(st.permutations(range(CASES)))
    cells, units = [cells[at] for at in order], [units[at] for at in order]
    assert _ranks(_turned(teams, order), rule, missing=missing, ties=ties, cells=cells, units=units) == expected


@pytest.mark.parametrize(("rule", "missing"), [law for law in LAWS if law[0] is not R.SIGNIFICANCE])
@settings(deadline=None, max_examples=30)
@given(teams=_WITH_HOLES, cells=_CELLS, ties=_TIES, case=st.integers(0, CASES - 1), metric=st.integers(0, METRICS - 1))
def test_omitting_a_case_never_improves_a_rank(
    rule: RankingRule,
    missing: float | None,
    teams: Teams,
    cells: list[str],
    ties: TieMethod,
    case: int,
    metric: int,
) -> None:
    before = _ranks(teams, rule, missing=missing, cells=cells, ties=ties)[0]
    teams[0][metric][case] = None
    assert _ranks(teams, rule, missing=missing, cells=cells, ties=ties)[0] >= before


@pytest.mark.parametrize(("rule", "missing"), LAWS)
@settings(deadline=None, max_examples=30)
@given(teams=_WITH_HOLES, cells=_CELLS, loss=st.lists(st.floats(0, 0.5), min_size=CASES, max_size=CASES))
def test_a_dominated_method_never_ranks_before_the_one_that_dominates_it(
    rule: RankingRule, missing: float | None, teams: Teams, cells: list[str], loss: list[float]
) -> None:
    worse = [
        [None if value is None else max(0.0, value - less) for value, less in zip(column, loss, strict=True)]
        for column in teams[0]
    ]
    ranks = _ranks([*teams, worse], rule, missing=missing, cells=cells)
    assert ranks[-1] >= ranks[0]


@pytest.mark.parametrize("rule", sorted(RANKS_CASES))
@settings(deadline=None, max_examples=30)
@given(teams=_WITH_HOLES, ties=_TIES, cells=_CELLS)
def test_rules_that_rank_cases_ask_only_which_value_is_better(
    rule: RankingRule, teams: Teams, ties: TieMethod, cells: list[str]
) -> None:
    stretched = [[[None if v is None else 10.0 * v**3 - 2 for v in column] for column in team] for team in teams]
    assert _ranks(stretched, rule, missing=None, ties=ties, cells=cells) == _ranks(
        teams, rule, missing=None, ties=ties, cells=cells
    )
    assert _ranks(stretched, rule, missing=-2.0, ties=ties, cells=cells) == _ranks(
        teams, rule, missing=0.0, ties=ties, cells=cells
    )


@pytest.mark.parametrize("rule", QUALITY_RULES)
@settings(deadline=None, max_examples=25)
@given(teams=_WITH_HOLES, cells=_CELLS)
def test_no_rule_asks_in_which_unit_a_metric_is_written(rule: RankingRule, teams: Teams, cells: list[str]) -> None:
    scaled = [[[None if v is None else 1000.0 * v for v in column] for column in team] for team in teams]
    assert _ranks(scaled, rule, cells=cells) == _ranks(teams, rule, cells=cells)


@pytest.mark.parametrize("ties", [TieMethod.MIN, TieMethod.AVERAGE])
@pytest.mark.parametrize("rule", [R.MEAN_THEN_RANK, R.SUM_OF_RANKS])
@settings(deadline=None, max_examples=25)
@given(teams=_WHOLE, cells=_CELLS)
def test_a_team_worse_than_all_moves_nobody_where_metrics_are_averaged_first(
    rule: RankingRule, ties: TieMethod, teams: Teams, cells: list[str]
) -> None:
    *others, last = _ranks([*teams, [[0.05] * CASES] * METRICS], rule, ties=ties, cells=cells)
    assert others == _ranks(teams, rule, ties=ties, cells=cells)
    assert last > max(others)


@pytest.mark.parametrize("rule", QUALITY_RULES)
@pytest.mark.parametrize(
    ("ties", "shared", "last"),
    [(TieMethod.MIN, 1, 3), (TieMethod.AVERAGE, 1.5, 3), (TieMethod.MAX, 2, 3)],
)
def test_the_tie_method_decides_what_equals_share_under_every_rule(
    rule: RankingRule, ties: TieMethod, shared: float, last: float
) -> None:
    good: list[float | None] = [0.8 + case / 100 for case in range(12)]
    bad: list[float | None] = [0.3 + case / 300 for case in range(12)]
    assert _ranks([[good], [good], [bad]], rule, ties=ties) == [shared, shared, last]
