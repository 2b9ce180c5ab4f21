"""A table made ready for ranking: whole, finite, lower is better, cases with their cell and their independent unit."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.leaderboards.ranking.aggregate import Values
from assay.leaderboards.ranking.missing import RankedMetric, fill
from assay.leaderboards.ranking.ties import Reals
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RANKS_CASES, RankingRule, TieMethod

#: entrant -> metric key -> one value a case; in an array nan is a missing case, in a list None is
Table = Mapping[str, Mapping[str, Values | NDArray[np.float64]]]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """What every rule, the bootstrap and the tests compare. Made by `contest`."""

    names: tuple[str, ...]
    metrics: tuple[RankedMetric, ...]
    #: metric -> (entrant, case), lower is better; nan where a missing case ranks last
    columns: tuple[Reals, ...]
    #: case -> the cell whose weight it shares
    cells: Codes
    #: case -> what is drawn whole and tested as one, such as its subject
    units: Codes
    rule: RankingRule
    ties: TieMethod

    @property
    def unit_count(self) -> int:
        """How many independent units there are."""
        return int(self.units.max()) + 1

    @cached_property
    def in_cell(self) -> Reals:
        """(case, cell): 1 where the case belongs to the cell."""
        belongs: Reals = (self.cells[:, None] == np.arange(int(self.cells.max()) + 1)).astype(np.float64)
        return belongs

    @cached_property
    def balanced(self) -> bool:
        """Whether every unit has as many cases in one cell as in each other: then no draw changes how cells weigh."""
        if self.in_cell.shape[1] == 1:
            return True
        of_unit = np.zeros((self.unit_count, self.in_cell.shape[1]))
        np.add.at(of_unit, (self.units, self.cells), 1)
        return bool((of_unit == of_unit[:, :1]).all())

    def weights(self, counts: NDArray[np.float64]) -> Reals:
        """How much each case weighs when unit u was drawn counts[..., u] times; every row sums to 1.

        The cases of a cell share its weight; cells with a case in the draw weigh the same.
        counts: (draw, unit). Returns (draw, case).
        """
        drawn: Reals = counts[:, self.units]
        weights: Reals
        if self.in_cell.shape[1] == 1:
            weights = drawn / drawn.sum(axis=1, keepdims=True)
            return weights
        of_cell = drawn @ self.in_cell
        present = of_cell > 0
        share = np.divide(1.0, of_cell, out=np.zeros_like(of_cell), where=present) / present.sum(axis=1, keepdims=True)
        weights = drawn * share[:, self.cells]
        return weights

    def averager(self, values: Reals) -> Callable[[Reals], Reals]:
        """`weights(counts) @ values` as a function of counts; the cases of a unit come together once, not in every draw.

        values: (case, column). The function turns (draw, unit) into (draw, column).
        """
        if not self.balanced:
            # how much a case weighs depends on who else of its cell was drawn
            return lambda counts: self.weights(counts) @ values
        sizes = np.bincount(self.units)
        by_unit = np.argsort(self.units, kind="stable")
        sums = np.add.reduceat(values[by_unit], np.cumsum(sizes) - sizes, axis=0)

        def average(counts: Reals) -> Reals:
            averages: Reals = counts @ sums
            averages /= (counts @ sizes.astype(np.float64))[:, None]
            return averages

        return average

    @property
    def whole(self) -> Reals:
        """The draw that takes every unit once: what the ranking itself is made of. (1, unit)"""
        return np.ones((1, self.unit_count))


def cells_of(strata: Sequence[Mapping[str, str]], *, weighting: Literal["equal", "cases"]) -> list[Hashable]:
    """The cell that each case belongs to: its combination of strata (`equal`), or one cell for all (`cases`)."""
    return [tuple(sorted(case.items())) if weighting == "equal" else () for case in strata]


def contest(
    *,
    table: Table,
    metrics: Sequence[RankedMetric],
    cells: Sequence[Hashable],
    rule: RankingRule,
    ties: TieMethod = TieMethod.MIN,
    units: Sequence[Hashable] | None = None,
) -> Contest:
    """Make a table ready; every entrant in it takes part, so leave out what has no score.

    table: {entrant: {metric key: one value or None a case}}, at least one entrant. metrics: those that rank; they weigh the same.
    cells: one a case, see `cells_of`. units: one a case, what is independent; without it every case is.
    Raises ValueError where an entrant lacks a metric or a case (a board that would silently rank less is worse than none),
    for numbers that are not finite, and where the rule needs a value that a missing case has not.
    """
    if not table or not metrics or not cells:
        raise ValueError("ranking needs at least one method, one metric and one case")
    for name, columns in table.items():
        for metric in metrics:
            if len(columns.get(metric.key, ())) != len(cells):
                raise ValueError(f"{name}: {metric.key} must have one value or None for each of {len(cells)} cases")
    if units is not None and len(units) != len(cells):
        raise ValueError(f"there are {len(cells)} cases and {len(units)} units")
    if rule is RankingRule.SPEED:
        raise ValueError("speed is ranked by rank_by_speed: it needs seconds and a gate")
    if rule not in RANKS_CASES and any(metric.worst is None for metric in metrics):
        raise ValueError(f"{rule} compares values: a missing case needs one")
    return Contest(
        names=tuple(table),
        metrics=tuple(metrics),
        columns=tuple(_column(table, metric) for metric in metrics),
        cells=_codes(cells),
        units=_codes(range(len(cells)) if units is None else units),
        rule=rule,
        ties=ties,
    )


def _column(table: Table, metric: RankedMetric) -> Reals:
    filled = np.stack([fill(columns[metric.key], metric=metric) for columns in table.values()])
    return -filled if metric.better is Better.HIGHER else filled


def _codes(labels: Sequence[Hashable]) -> Codes:
    """0, 1, 2 … for labels in the order of their first appearance."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(label, len(known)) for label in labels], dtype=np.int64)
