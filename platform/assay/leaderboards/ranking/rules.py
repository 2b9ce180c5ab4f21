"""The four rules by which a table of per-case values becomes an order of methods."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from types import MappingProxyType
from typing import Literal

from assay.leaderboards.ranking.aggregate import Values
from assay.leaderboards.ranking.missing import RankedMetric, fill
from assay.leaderboards.ranking.ties import rank_numbers
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule, TieMethod

#: entry -> metric key -> one value a case
Table = Mapping[str, Mapping[str, Values]]
#: metric -> entry -> one filled value a case
_Filled = Sequence[Sequence[Sequence[float]]]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an entry stands: 1 is best; `score` is what the rule compares, lower is better."""

    rank: float
    score: float


@dataclass(frozen=True, kw_only=True)
class _Cases:
    """How much each case weighs: the cases of one cell share that cell's weight, and all cells weigh the same."""

    cells: tuple[tuple[int, ...], ...]

    @property
    def weights(self) -> dict[int, Fraction]:
        return {index: Fraction(1, len(self.cells) * len(members)) for members in self.cells for index in members}

    def mean(self, values: Sequence[float]) -> float:
        """Weighted mean; the same values in another order within a cell give the very same float."""
        return fsum(fsum(values[index] for index in cell) / len(cell) for cell in self.cells) / len(self.cells)

    def exact_mean(self, ranks: Sequence[float]) -> Fraction:
        """Weighted mean of ranks without rounding, so that equal sums tie."""
        means = [Fraction(fsum(ranks[index] for index in cell)) / len(cell) for cell in self.cells]
        return sum(means, Fraction()) / len(self.cells)


def cells_of(strata: Sequence[Mapping[str, str]], *, weighting: Literal["equal", "cases"]) -> list[Hashable]:
    """The cell that each case belongs to: its combination of strata (`equal`), or one cell for all (`cases`)."""
    return [tuple(sorted(case.items())) if weighting == "equal" else () for case in strata]


def rank(
    *,
    table: Table,
    metrics: Sequence[RankedMetric],
    cells: Sequence[Hashable],
    rule: RankingRule,
    ties: TieMethod = TieMethod.MIN,
) -> dict[str, Standing]:
    """Order the entries of `table`; every entry in it is ranked, so leave out what has no score.

    table: {entry: {metric key: one value or None a case}}. metrics: those that rank. cells: one a case, see `cells_of`.
    Metrics weigh the same. Missing values count as the metric's worst (see missing.py).
    Raises ValueError where an entry lacks a metric or a case: a board that would silently rank less is worse than none.
    """
    if not table:
        return {}
    if not metrics or not cells:
        raise ValueError("ranking needs at least one metric and one case")
    for name, columns in table.items():
        for metric in metrics:
            if len(columns.get(metric.key, ())) != len(cells):
                raise ValueError(f"{name}: {metric.key} must have one value or None for each of {len(cells)} cases")
    by_cell: dict[Hashable, list[int]] = {}
    for index, cell in enumerate(cells):
        by_cell.setdefault(cell, []).append(index)
    cases = _Cases(cells=tuple(tuple(indexes) for indexes in by_cell.values()))
    filled = [[fill(columns[metric.key], metric=metric) for columns in table.values()] for metric in metrics]
    scores = _RULES[rule](filled, metrics, cases, ties)
    ranks = rank_numbers(scores, better=Better.LOWER, ties=ties)
    return {
        name: Standing(rank=ranked, score=float(score))
        for name, ranked, score in zip(table, ranks, scores, strict=True)
    }


def _ranks_of_means(
    filled: _Filled, metrics: Sequence[RankedMetric], cases: _Cases, ties: TieMethod
) -> list[list[Fraction]]:
    """entry -> one rank a metric, from the weighted mean over cases."""
    columns = [
        rank_numbers([cases.mean(values) for values in column], better=metric.better, ties=ties)
        for column, metric in zip(filled, metrics, strict=True)
    ]
    return [[Fraction(column[entry]) for column in columns] for entry in range(len(filled[0]))]


def _ranks_per_case(filled: _Filled, metrics: Sequence[RankedMetric], ties: TieMethod) -> list[list[list[float]]]:
    """entry -> metric -> one rank a case."""
    entries, count = len(filled[0]), len(filled[0][0])
    ranks = [[[0.0] * count for _ in metrics] for _ in range(entries)]
    for position, (column, metric) in enumerate(zip(filled, metrics, strict=True)):
        for case in range(count):
            of_case = rank_numbers([values[case] for values in column], better=metric.better, ties=ties)
            for entry, number in enumerate(of_case):
                ranks[entry][position][case] = number
    return ranks


def _mean_then_rank(filled: _Filled, metrics: Sequence[RankedMetric], cases: _Cases, ties: TieMethod) -> list[Fraction]:
    return [sum(ranks, Fraction()) / len(ranks) for ranks in _ranks_of_means(filled, metrics, cases, ties)]


def _sum_of_ranks(filled: _Filled, metrics: Sequence[RankedMetric], cases: _Cases, ties: TieMethod) -> list[Fraction]:
    return [sum(ranks, Fraction()) for ranks in _ranks_of_means(filled, metrics, cases, ties)]


def _rank_then_mean(filled: _Filled, metrics: Sequence[RankedMetric], cases: _Cases, ties: TieMethod) -> list[Fraction]:
    return [
        sum((cases.exact_mean(column) for column in columns), Fraction()) / len(metrics)
        for columns in _ranks_per_case(filled, metrics, ties)
    ]


def _median_of_ranks(
    filled: _Filled, metrics: Sequence[RankedMetric], cases: _Cases, ties: TieMethod
) -> list[Fraction]:
    weights = cases.weights
    return [
        _weighted_median([(number, weights[case]) for column in columns for case, number in enumerate(column)])
        for columns in _ranks_per_case(filled, metrics, ties)
    ]


def _weighted_median(pairs: Sequence[tuple[float, Fraction]]) -> Fraction:
    """Where half of the weight lies; the middle of two neighbours where it falls exactly between them."""
    ordered = sorted(pairs)
    half = sum((weight for _, weight in ordered), Fraction()) / 2
    below = Fraction()
    for position, (number, weight) in enumerate(ordered):
        below += weight
        if below == half:
            return (Fraction(number) + Fraction(ordered[position + 1][0])) / 2
        if below > half:
            return Fraction(number)
    raise AssertionError("half of the weight lies somewhere")


_Rule = Callable[[_Filled, Sequence[RankedMetric], _Cases, TieMethod], list[Fraction]]
_RULES: Mapping[RankingRule, _Rule] = MappingProxyType(
    {
        RankingRule.RANK_THEN_MEAN: _rank_then_mean,
        RankingRule.MEAN_THEN_RANK: _mean_then_rank,
        RankingRule.MEDIAN_OF_RANKS: _median_of_ranks,
        RankingRule.SUM_OF_RANKS: _sum_of_ranks,
    }
)
