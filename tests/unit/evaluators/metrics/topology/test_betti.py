"""Betti numbers and Euler characteristic: drawn masks, the peer, and what must hold for every mask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import euler_number as peer

from evaluators.metrics.errors import MetricError
from evaluators.metrics.topology import betti_numbers, euler_number

from .drawings import DIAGONAL, RING, Mask, masks, picture, shell

CONNECTIVITIES = ("low", "high")
DUAL = {"low": "high", "high": "low"}


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
@pytest.mark.parametrize(
    ("mask", "numbers"),
    [
        (np.zeros((3, 3), dtype=np.bool_), (0, 0)),
        (np.ones((1, 1), dtype=np.bool_), (1, 0)),
        (RING, (1, 1)),
        (picture("#####  #.#.#  #####"), (1, 2)),
        (picture("##.##  #...#  ##.##"), (2, 0)),
        (np.zeros((2, 2, 2), dtype=np.bool_), (0, 0, 0)),
        (np.zeros((0, 0, 0), dtype=np.bool_), (0, 0, 0)),
        (np.ones((2, 3, 4), dtype=np.bool_), (1, 0, 0)),
        (shell(), (1, 0, 1)),
        (RING[None], (1, 1, 0)),
        (np.concatenate([shell(), shell()]), (1, 0, 2)),
        (np.array([[[True]], [[False]], [[True]]]), (2, 0, 0)),
    ],
)
def test_pieces_loops_and_cavities_of_drawn_masks(mask: Mask, numbers: tuple[int, ...], connectivity: str) -> None:
    assert betti_numbers(mask, connectivity=connectivity) == numbers
    assert euler_number(mask, connectivity=connectivity) == sum(
        number * (-1) ** dimension for dimension, number in enumerate(numbers)
    )


def test_a_diagonal_is_four_pieces_or_one() -> None:
    assert betti_numbers(DIAGONAL, connectivity="low") == (4, 0)
    assert betti_numbers(DIAGONAL, connectivity="high") == (1, 0)


def test_four_corners_close_a_loop_only_when_corners_connect() -> None:
    corners = picture(".#. #.# .#.")
    assert betti_numbers(corners, connectivity="low") == (4, 0)
    assert betti_numbers(corners, connectivity="high") == (1, 1)


def test_a_loop_at_the_image_border_is_closed_by_what_lies_beyond() -> None:
    cut = RING[:2]
    assert betti_numbers(cut) == (1, 0)
    assert betti_numbers(RING[:, 1:4]) == (1, 1)


@settings(deadline=None, max_examples=150)
@given(drawn=masks(largest=9), connectivity=st.sampled_from(CONNECTIVITIES))
def test_euler_characteristic_equals_scikit_image(drawn: list[Mask], connectivity: str) -> None:
    (mask,) = drawn
    neighbours = 1 if connectivity == "low" else mask.ndim
    numbers = betti_numbers(mask, connectivity=connectivity)
    euler = euler_number(mask, connectivity=connectivity)
    assert euler == peer(np.pad(mask, 1), connectivity=neighbours)  # type: ignore[no-untyped-call]
    assert euler == sum(number * (-1) ** dimension for dimension, number in enumerate(numbers))
    assert min(numbers) >= 0


@settings(deadline=None, max_examples=100)
@given(drawn=masks(), connectivity=st.sampled_from(CONNECTIVITIES), data=st.data())
def test_flips_transposes_and_margins_change_nothing(drawn: list[Mask], connectivity: str, data: st.DataObject) -> None:
    (mask,) = drawn
    order = data.draw(st.permutations(range(mask.ndim)))
    flipped = data.draw(st.lists(st.sampled_from(range(mask.ndim)), unique=True))
    moved = np.flip(mask, axis=tuple(flipped)).transpose(order)
    moved = np.pad(moved, [(data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))) for _ in order])
    assert betti_numbers(moved, connectivity=connectivity) == betti_numbers(mask, connectivity=connectivity)


@settings(deadline=None, max_examples=100)
@given(drawn=masks(count=2), connectivity=st.sampled_from(CONNECTIVITIES))
def test_features_of_far_apart_masks_add_up(drawn: list[Mask], connectivity: str) -> None:
    first, second = drawn
    both = np.concatenate([first, np.zeros_like(first), np.zeros((1, *first.shape[1:]), dtype=np.bool_), second])
    alone = [betti_numbers(mask, connectivity=connectivity) for mask in (first, second)]
    assert betti_numbers(both, connectivity=connectivity) == tuple(np.add(alone[0], alone[1]))


@settings(deadline=None, max_examples=100)
@given(drawn=masks(), connectivity=st.sampled_from(CONNECTIVITIES))
def test_background_has_the_dual_features(drawn: list[Mask], connectivity: str) -> None:
    (mask,) = drawn
    ours = betti_numbers(mask, connectivity=connectivity)
    beyond = betti_numbers(~np.pad(mask, 1), connectivity=DUAL[connectivity])
    # the background's outer piece counts as one piece more, and the mask's own pieces as what it encloses
    assert (beyond[0] - 1, *beyond[1:]) == ours[::-1]


@settings(deadline=None, max_examples=30)
@given(drawn=masks())
def test_memory_order_does_not_matter(drawn: list[Mask]) -> None:
    (mask,) = drawn
    numbers = betti_numbers(mask)
    assert betti_numbers(np.asfortranarray(mask)) == numbers
    assert betti_numbers(np.repeat(mask, 2, axis=-1)[..., ::2]) == numbers


def test_what_has_no_topology_here_is_refused_by_name() -> None:
    with pytest.raises(MetricError, match="'26' is not served; write low or high"):
        betti_numbers(RING, connectivity="26")
    with pytest.raises(MetricError, match="two or three axes, not 4"):
        euler_number(np.ones((2, 2, 2, 2), dtype=np.bool_))
