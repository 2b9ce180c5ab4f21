"""The speed rule: methods of enough quality by their seconds a case, fastest first; the others without a rank, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assay.leaderboards.ranking.contest import Table
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import Standing, rank
from assay.leaderboards.ranking.ties import ABSOLUTE, RELATIVE, rank_rows
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import Gate, RankingRule, TieMethod


class Barred(StrEnum):
    """Why a method has no rank."""

    #: its mean does not pass the gate
    GATE = "gate"
    #: nobody passes: the baseline that the gate names has no scores yet
    NO_RIVAL = "no_rival"
    #: no case of it was timed
    NOT_TIMED = "not_timed"


@dataclass(frozen=True, kw_only=True)
class SpeedStanding:
    """Where a method stands. quality: the mean that the gate looks at, missing cases filled. bar: what it had to reach.

    rank is None exactly where `barred` says why.
    """

    rank: float | None
    quality: float
    seconds: float | None
    barred: Barred | None = None
    #: a mean for `no_worse_than` and `better_than`, a place for `first`; None where there is none
    bar: float | None = None
    #: by the gate's metric alone, 1 is best
    place: float = 0.0


def rank_by_speed(
    *,
    table: Table,
    metric: RankedMetric,
    cells: Sequence[Hashable],
    seconds: Mapping[str, float | None],
    gate: Gate,
    ties: TieMethod = TieMethod.MIN,
    rivals: Collection[str] = (),
) -> dict[str, SpeedStanding]:
    """Order the entrants of `table` by seconds among those that pass the gate.

    table, metric, cells: as `rank` has them, of the gate's one metric. seconds: entrant -> seconds a case, None where none was
    timed. rivals: the entrants whom `better_than` means; the best of them is to be beaten. Errors as `rank`.
    """
    qualities = rank(table=table, metrics=[metric], cells=cells, rule=RankingRule.MEAN_THEN_RANK, ties=TieMethod.MIN)
    bar = _bar(gate, qualities=qualities, rivals=rivals, better=metric.better)
    barred = {
        name: _why(name, at, gate=gate, bar=bar, better=metric.better, seconds=seconds)
        for name, at in qualities.items()
    }
    racers = [name for name, why in barred.items() if why is None]
    times = np.array([[seconds[name] for name in racers]], dtype=np.float64)
    ranks = dict(zip(racers, rank_rows(times, ties=ties)[0].tolist(), strict=True))
    return {
        name: SpeedStanding(
            rank=ranks.get(name),
            quality=at.score,
            seconds=seconds.get(name),
            barred=barred[name],
            bar=bar,
            place=at.rank,
        )
        for name, at in qualities.items()
    }


def _bar(gate: Gate, *, qualities: Mapping[str, Standing], rivals: Collection[str], better: Better) -> float | None:
    if gate.first is not None:
        return float(gate.first)
    if gate.no_worse_than is not None:
        return gate.no_worse_than
    means = [at.score for name, at in qualities.items() if name in rivals]
    if not means:
        return None
    return max(means) if better is Better.HIGHER else min(means)


def _why(
    name: str, at: Standing, *, gate: Gate, bar: float | None, better: Better, seconds: Mapping[str, float | None]
) -> Barred | None:
    if bar is None:
        return Barred.NO_RIVAL
    if gate.first is not None:
        passes = at.rank <= bar
    else:
        lead = at.score - bar if better is Better.HIGHER else bar - at.score
        # what ties with the bar is no worse than it, and no better
        slack = max(RELATIVE * max(abs(at.score), abs(bar)), ABSOLUTE)
        passes = lead > slack if gate.better_than is not None else lead >= -slack
    if not passes:
        return Barred.GATE
    return Barred.NOT_TIMED if seconds.get(name) is None else None
