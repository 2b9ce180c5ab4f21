"""Two methods against each other in one metric."""

from __future__ import annotations

import numpy as np
import pytest

from assay.leaderboards.ranking.pair import difference, duel
from evaluators.contract.metrics import Better


def test_a_missing_case_is_left_out_of_the_difference_and_loses_the_duel() -> None:
    first, second = [0.9, None, 0.7, None, 0.5], [0.8, 0.8, None, None, 0.5]
    found = difference(first, second, units=range(5))
    assert found.mean == pytest.approx(0.05)
    assert found.both == 2
    fought = duel(first, second, better=Better.HIGHER)
    assert (fought.wins, fought.ties, fought.losses) == (2, 2, 1)


def test_lower_may_be_better() -> None:
    fought = duel([0.1, 0.2, 0.3], [0.2, 0.2, 0.2], better=Better.LOWER)
    assert (fought.wins, fought.ties, fought.losses) == (1, 1, 1)


def test_whole_subjects_are_drawn() -> None:
    # one subject of three cases at 1, one of a single case at 3: means of draws are 1, 3 or 1.5
    found = difference([1.0, 1.0, 1.0, 3.0], [0.0] * 4, units=["a", "a", "a", "b"])
    assert (found.low, found.high) == (1.0, 3.0)
    assert found.mean == 1.5
    assert difference([1.0, 3.0], [0.0, 0.0], units=["a", "a"]).low is None


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    random = np.random.default_rng(5)
    first, second = random.normal(1, 0.3, 60), random.normal(0.8, 0.3, 60)
    units = np.repeat(np.arange(12), 5)
    found = difference(first.tolist(), second.tolist(), units=units.tolist())
    means = []
    for _ in range(4000):
        drawn = random.integers(12, size=12)
        means.append(np.concatenate([(first - second)[units == unit] for unit in drawn]).mean())
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, (0.025, 0.975))), abs=0.02)


def test_without_a_common_case_there_is_no_difference() -> None:
    found = difference([None, 0.5], [0.5, None], units=[0, 1])
    assert (found.mean, found.low, found.high, found.both, found.spread) == (None, None, None, 0, None)


def test_the_spread_holds_the_quartiles() -> None:
    found = difference([0.0, 1.0, 2.0, 3.0, 4.0], [0.0] * 5, units=range(5))
    assert found.spread == (0.0, 1.0, 2.0, 3.0, 4.0)
