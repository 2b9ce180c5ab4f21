"""The rules by which a table of per-case values becomes an order of methods, for the whole table and for draws from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from assay.leaderboards.ranking.contest import Contest, Table, contest
from assay.leaderboards.ranking.median import weighted_medians
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.significance import shares_beaten
from assay.leaderboards.ranking.ties import Reals, rank_rows
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule, TieMethod

#: (draw, unit) how often each unit was drawn -> (draw, entrant) what is compared, lower is better
Scorer = Callable[[Reals], Reals]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an entrant stands.

    rank: 1 is best. score: what the rule compares. It is a mean, median or sum of ranks (lower is better); the share of rivals
    beaten for `significance` (higher is better); the metric's own mean where `mean_then_rank` has a single metric.
    """

    rank: float
    score: float


def rank(
    *,
    table: Table,
    metrics: Sequence[RankedMetric],
    cells: Sequence[Hashable],
    rule: RankingRule,
    ties: TieMethod = TieMethod.MIN,
    units: Sequence[Hashable] | None = None,
) -> dict[str, Standing]:
    """Order the entrants of `table`; arguments and errors as `contest` has them. No entrants, no standings."""
    if not table:
        return {}
    return standings(contest(table=table, metrics=metrics, cells=cells, rule=rule, ties=ties, units=units))


def standings(ready: Contest) -> dict[str, Standing]:
    """The ranking itself: every unit once."""
    scores = scorer(ready)(ready.whole)
    ranks = rank_rows(scores, ties=ready.ties)[0].tolist()
    shown = (-scores if _higher_is_better(ready) else scores)[0].tolist()
    return {
        # 0.0 + turns a negated nothing into plain 0
        name: Standing(rank=placed, score=0.0 + score)
        for name, placed, score in zip(ready.names, ranks, shown, strict=True)
    }


def scorer(ready: Contest) -> Scorer:
    """What the rule compares, as a function of how often each unit was drawn; what no draw changes is computed once."""
    return _RULES[ready.rule](ready)


def _higher_is_better(ready: Contest) -> bool:
    if ready.rule is RankingRule.MEAN_THEN_RANK and len(ready.metrics) == 1:
        return ready.metrics[0].better is Better.HIGHER
    return ready.rule is RankingRule.SIGNIFICANCE


def _ranks_per_case(ready: Contest) -> list[Reals]:
    """metric -> (case, entrant)"""
    return [rank_rows(column.T, ties=ready.ties) for column in ready.columns]


def _rank_then_mean(ready: Contest) -> Scorer:
    # ranks within a case do not depend on which cases were drawn: rank once, then weigh
    return ready.averager(np.mean(_ranks_per_case(ready), axis=0))


def _median_of_ranks(ready: Contest) -> Scorer:
    ranks = np.concatenate(_ranks_per_case(ready))

    def score(counts: Reals) -> Reals:
        weights = np.tile(ready.weights(counts), (1, len(ready.metrics))) / len(ready.metrics)
        return weighted_medians(ranks, weights=weights)

    return score


def _mean_then_rank(ready: Contest) -> Scorer:
    if len(ready.columns) == 1:
        return ready.averager(ready.columns[0].T)
    total = _sum_of_ranks(ready)
    return lambda counts: total(counts) / len(ready.columns)


def _sum_of_ranks(ready: Contest) -> Scorer:
    averagers = [ready.averager(column.T) for column in ready.columns]

    def score(counts: Reals) -> Reals:
        total = np.zeros((len(counts), len(ready.names)))
        for average in averagers:
            total += rank_rows(average(counts), ties=ready.ties)
        return total

    return score


def _significance(ready: Contest) -> Scorer:
    return lambda counts: -shares_beaten(ready, counts=counts)


_RULES: Mapping[RankingRule, Callable[[Contest], Scorer]] = MappingProxyType(
    {
        RankingRule.RANK_THEN_MEAN: _rank_then_mean,
        RankingRule.MEAN_THEN_RANK: _mean_then_rank,
        RankingRule.MEDIAN_OF_RANKS: _median_of_ranks,
        RankingRule.SUM_OF_RANKS: _sum_of_ranks,
        RankingRule.SIGNIFICANCE: _significance,
    }
)
#: all but speed, which needs more than a table: see speed.py
QUALITY_RULES = tuple(_RULES)
