"""Which rank tied methods share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.leaderboards.ranking.ties import rank_rows
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import TieMethod

T = TieMethod


def rank_numbers(numbers: list[float], *, better: Better, ties: TieMethod = T.MIN) -> list[float]:
    row = np.asarray(numbers, dtype=np.float64).reshape(1, -1)
    ranks: list[float] = rank_rows(-row if better is Better.HIGHER else row, ties=ties)[0].tolist()
    return ranks


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [
        (T.MIN, [1, 2, 2, 4]),
        (T.AVERAGE, [1, 2.5, 2.5, 4]),
        (T.MAX, [1, 3, 3, 4]),
    ],
)
def test_a_tied_group_shares_the_rank_that_its_method_names(ties: TieMethod, ranks: list[float]) -> None:
    assert rank_numbers([0.9, 0.5, 0.5, 0.1], better=Better.HIGHER, ties=ties) == ranks
    assert rank_numbers([0.1, 0.5, 0.5, 0.9], better=Better.LOWER, ties=ties) == ranks


@pytest.mark.parametrize(("ties", "rank"), [(T.MIN, 1), (T.AVERAGE, 2), (T.MAX, 3)])
def test_when_all_tie_all_share_one_rank(ties: TieMethod, rank: float) -> None:
    assert rank_numbers([0.5] * 3, better=Better.HIGHER, ties=ties) == [rank] * 3


def test_rounding_is_no_difference_and_a_millionth_is_one() -> None:
    assert rank_numbers([0.3, 0.1 + 0.2], better=Better.HIGHER) == [1, 1]
    assert rank_numbers([0.3, 0.3 + 2e-10], better=Better.HIGHER) == [1, 1]
    assert rank_numbers([0.3, 0.300001], better=Better.HIGHER) == [2, 1]
    assert rank_numbers([3e8, 3e8 + 0.1], better=Better.LOWER) == [1, 1]


def test_no_numbers_have_no_ranks() -> None:
    assert rank_numbers([], better=Better.LOWER) == []


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=12), st.sampled_from(list(Better)))
def test_ranks_follow_numbers_and_min_counts_the_better_ones(numbers: list[float], better: Better) -> None:
    sign = 1 if better is Better.LOWER else -1
    lowest = rank_numbers(numbers, better=better, ties=T.MIN)
    highest = rank_numbers(numbers, better=better, ties=T.MAX)
    for number, low, high in zip(numbers, lowest, highest, strict=True):
        assert low == 1 + sum(sign * other < sign * number for other in numbers)
        assert high == sum(sign * other <= sign * number for other in numbers)
    middle = rank_numbers(numbers, better=better, ties=T.AVERAGE)
    assert sum(middle) == len(numbers) * (len(numbers) + 1) / 2
