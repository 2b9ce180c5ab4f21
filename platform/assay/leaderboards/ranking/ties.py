"""Ranks of a list of numbers. Equality is exact: two methods tie when their numbers are the same float."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from evaluators.contract.metrics import Better
from evaluators.contract.tasks import TieMethod


def rank_numbers(
    numbers: Sequence[float] | Sequence[Fraction], *, better: Better, ties: TieMethod = TieMethod.MIN
) -> list[float]:
    """One rank a number, 1 is best; tied numbers share the rank that `ties` names.

    MIN 1 1 3 · AVERAGE 1.5 1.5 3 · MAX 2 2 3 · DENSE 1 1 2. Every rank is a whole or half number.
    """
    order = sorted(range(len(numbers)), key=lambda index: numbers[index], reverse=better is Better.HIGHER)
    ranks = [0.0] * len(numbers)
    before = 0
    for group_number, (_, group) in enumerate(groupby(order, key=lambda index: numbers[index]), start=1):
        tied = list(group)
        shared: dict[TieMethod, float] = {
            TieMethod.MIN: before + 1,
            TieMethod.AVERAGE: before + (len(tied) + 1) / 2,
            TieMethod.MAX: before + len(tied),
            TieMethod.DENSE: group_number,
        }
        for index in tied:
            ranks[index] = float(shared[ties])
        before += len(tied)
    return ranks
