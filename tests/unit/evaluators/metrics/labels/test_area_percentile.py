"""The percentile of area: worked by hand, and equal to the plain definition for surfaces small and large."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.metrics.labels.area_percentile import area_percentile


def plain(distances: list[float], areas: list[float], *, share: float) -> float:
    """Pieces from the nearest on, of equally near ones the smallest first, until the share is reached."""
    rising = sorted(zip(distances, areas, strict=True))
    reached = np.cumsum([area for _, area in rising]) / np.sum([area for _, area in rising])
    return next((d for (d, _), part in zip(rising, reached, strict=True) if part >= share), rising[-1][0])


@pytest.mark.parametrize("count", [20, 100_000])
def test_a_share_that_is_met_exactly_ends_there(count: int) -> None:
    distances = np.arange(1.0, count + 1)
    assert area_percentile(distances, np.ones(count), share=0.95) == 0.95 * count


def test_area_counts_not_number() -> None:
    distances, areas = np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0])
    assert area_percentile(distances, areas, share=0.8) == 1
    assert area_percentile(distances, areas, share=0.85) == 2
    assert area_percentile(distances, areas, share=0.95) == 3


@pytest.mark.parametrize("count", [1, 5000])
def test_surfaces_that_coincide_are_at_no_distance(count: int) -> None:
    assert area_percentile(np.zeros(count), np.ones(count), share=0.95) == 0


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    count=st.sampled_from((1, 7, 300, 5000, 20_000)),
    kinds=st.integers(1, 4),
    far=st.sampled_from((1, 40, 5000)),
    share=st.sampled_from((0.5, 0.95, 1.0)),
)
def test_any_surface_gives_what_the_definition_gives(seed: int, count: int, kinds: int, far: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    distances = np.sqrt(rng.integers(0, far, count))
    areas = np.array([1.0, 0.75, 0.5**0.5, 3**0.5 / 8])[rng.integers(0, kinds, count)]
    found = area_percentile(distances, areas, share=share)
    assert found == plain(distances.tolist(), areas.tolist(), share=share)
