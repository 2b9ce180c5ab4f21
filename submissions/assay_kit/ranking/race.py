"""`assay rank --rule speed`: seconds behind a quality gate, from a table that has `seconds` among its metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assay.leaderboards.ranking.aggregate import Values, mean
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.speed import rank_by_speed
from assay_kit.errors import AnswerIsNo, WrongUsage
from assay_kit.ranking.table import SECONDS, RankTable
from evaluators.contract.tasks import Gate, Ranking, RankingRule

_HOW = "write it like ssim=0.9 (a mean), ssim=team:unet (better than that team) or ssim=first:10 (places)"


def parse_gate(text: str | None, *, rule: str) -> Gate | None:
    """`METRIC=…` of a command line. Raises WrongUsage; also where gate and rule do not belong together."""
    if (text is not None) != (rule == RankingRule.SPEED):
        raise WrongUsage(f"--rule speed and --gate belong together; {_HOW}")
    if text is None:
        return None
    metric, _, bar = text.partition("=")
    way, found, value = bar.partition(":")
    try:
        if found and way == "team":
            return Gate(metric=metric, better_than=value)
        if found and way == "first":
            return Gate(metric=metric, first=int(value))
        return Gate(metric=metric, no_worse_than=float(bar))
    except ValueError:
        raise WrongUsage(f"--gate is {text!r}; {_HOW}") from None


def race(table: RankTable, *, ranking: Ranking, gate: Gate, metric_of: Callable[..., RankedMetric]) -> dict[str, Any]:
    """{rows: [{team, rank, score, quality}]}: who passes by seconds, then the others with rank null. Raises AnswerIsNo."""
    for key, what in ((SECONDS, "what was timed"), (gate.metric, "what --gate names")):
        if key not in table.directions:
            raise AnswerIsNo(f"the table has no metric {key!r}, {what}", code="SPEED_RULE")
    if gate.better_than is not None and gate.better_than not in table.values:
        raise AnswerIsNo(f"the table has no team {gate.better_than!r}, whom --gate names", code="SPEED_RULE")
    columns: dict[str, dict[str, Values]] = {
        team: {gate.metric: table.column(team, gate.metric)} for team in table.values
    }
    values = [value for of_team in columns.values() for value in of_team[gate.metric]]
    found = rank_by_speed(
        table=columns,
        metric=metric_of(gate.metric, better=table.directions[gate.metric], values=values, ranking=ranking),
        cells=[()] * len(table.units),
        seconds={team: mean(table.column(team, SECONDS)) for team in table.values},
        gate=gate,
        ties=ranking.ties,
        rivals={gate.better_than} if gate.better_than is not None else (),
    )
    order = sorted(found.items(), key=lambda one: (one[1].rank is None, one[1].rank or one[1].place, one[0]))
    rows = [
        {
            "team": team,
            "rank": int(at.rank) if at.rank is not None and at.rank == int(at.rank) else at.rank,
            "score": at.seconds,
            "quality": float(f"{at.quality:.12g}"),
            "barred": None if at.barred is None else at.barred.value,
        }
        for team, at in order
    ]
    return {"rows": rows}
