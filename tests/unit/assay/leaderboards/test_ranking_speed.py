"""The speed rule: quality opens the gate, seconds decide behind it."""

from __future__ import annotations

import pytest

from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import rank
from assay.leaderboards.ranking.speed import Barred, SpeedStanding, rank_by_speed
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import Gate, Ranking, RankingRule, TieMethod

SSIM = RankedMetric(key="ssim", better=Better.HIGHER, worst=0.0)
NMSE = RankedMetric(key="nmse", better=Better.LOWER, worst=1.0)
#: method -> (values of two cases, seconds a case)
Field = dict[str, tuple[list[float | None], float | None]]
FIELD: Field = {
    "slow and good": ([0.95, 0.93], 6.0),
    "good": ([0.92, 0.90], 2.0),
    "unet": ([0.88, 0.90], 1.0),
    "nothing": ([0.10, 0.10], 0.01),
}


def race(
    gate: Gate,
    field: Field = FIELD,
    *,
    metric: RankedMetric = SSIM,
    rivals: tuple[str, ...] = (),
    ties: TieMethod = TieMethod.MIN,
) -> dict[str, SpeedStanding]:
    return rank_by_speed(
        table={name: {metric.key: values} for name, (values, _) in field.items()},
        metric=metric,
        cells=[(), ()],
        seconds={name: seconds for name, (_, seconds) in field.items()},
        gate=gate,
        ties=ties,
        rivals=rivals,
    )


def ranks(found: dict[str, SpeedStanding]) -> dict[str, float | None]:
    return {name: at.rank for name, at in found.items()}


def test_the_fastest_that_passes_wins_and_the_fastest_of_all_has_no_rank() -> None:
    found = race(Gate(metric="ssim", no_worse_than=0.9))
    assert ranks(found) == {"good": 1, "slow and good": 2, "unet": None, "nothing": None}
    assert found["nothing"].barred is Barred.GATE
    assert found["unet"].quality == pytest.approx(0.89)


def test_a_mean_at_the_bar_passes_and_one_that_equals_the_baseline_does_not() -> None:
    assert race(Gate(metric="ssim", no_worse_than=0.91))["good"].rank == 1
    twin: Field = {**FIELD, "twin": ([0.90, 0.88], 0.5)}
    found = race(Gate(metric="ssim", better_than="unet"), twin, rivals=("unet",))
    assert ranks(found) == {"good": 1, "slow and good": 2, "unet": None, "twin": None, "nothing": None}


def test_the_first_places_by_quality_pass_and_ties_for_the_last_of_them_pass_together() -> None:
    assert ranks(race(Gate(metric="ssim", first=2))) == {"good": 1, "slow and good": 2, "unet": None, "nothing": None}
    level: Field = {**FIELD, "level": ([0.91, 0.91], 1.5)}
    assert ranks(race(Gate(metric="ssim", first=2), level))["level"] == 1


def test_a_missing_case_counts_its_worst_at_the_gate_so_that_leaving_cases_out_never_opens_it() -> None:
    field: Field = {**FIELD, "skips": ([None, 0.99], 0.1)}
    found = race(Gate(metric="ssim", no_worse_than=0.9), field)
    assert found["skips"].rank is None
    assert found["skips"].quality == pytest.approx(0.495)


def test_lower_is_better_at_the_gate_where_the_metric_says_so() -> None:
    field: Field = {"a": ([0.01, 0.02], 3.0), "b": ([0.2, 0.2], 1.0)}
    assert ranks(race(Gate(metric="nmse", no_worse_than=0.1), field, metric=NMSE)) == {"a": 1, "b": None}
    found = race(Gate(metric="nmse", better_than="b"), field, metric=NMSE, rivals=("b",))
    assert ranks(found) == {"a": 1, "b": None}


def test_without_the_baseline_of_the_gate_nobody_passes() -> None:
    found = race(Gate(metric="ssim", better_than="varnet"))
    assert {at.barred for at in found.values()} == {Barred.NO_RIVAL}


def test_who_was_not_timed_has_no_rank_and_equal_seconds_share_one() -> None:
    field: Field = {"a": ([0.9, 0.9], None), "b": ([0.9, 0.9], 2.0), "c": ([0.8, 0.9], 2.0), "d": ([0.9, 0.9], 3.0)}
    found = race(Gate(metric="ssim", no_worse_than=0.5), field)
    assert ranks(found) == {"a": None, "b": 1, "c": 1, "d": 3}
    assert found["a"].barred is Barred.NOT_TIMED


def test_nobody_is_no_error() -> None:
    assert rank_by_speed(table={}, metric=SSIM, cells=[()], seconds={}, gate=Gate(metric="ssim", first=1)) == {}


def test_speed_and_gate_come_together_or_not_at_all() -> None:
    with pytest.raises(ValueError, match="needs a gate"):
        Ranking(rule=RankingRule.SPEED, missing="worst")
    with pytest.raises(ValueError, match="belongs to rule speed"):
        Ranking(rule=RankingRule.MEAN_THEN_RANK, missing="worst", gate=Gate(metric="ssim", first=3))
    with pytest.raises(ValueError, match="write one of"):
        Gate(metric="ssim")
    with pytest.raises(ValueError, match="write one of"):
        Gate(metric="ssim", first=3, no_worse_than=0.9)
    with pytest.raises(ValueError, match="gives a missing case none"):
        Ranking(rule=RankingRule.SPEED, missing="last", gate=Gate(metric="ssim", first=3))


def test_the_rules_of_quality_do_not_rank_speed() -> None:
    with pytest.raises(ValueError, match="rank_by_speed"):
        rank(table={"a": {"ssim": [1.0]}}, metrics=[SSIM], cells=[()], rule=RankingRule.SPEED)
