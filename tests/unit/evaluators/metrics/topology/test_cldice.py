"""clDice and the skeletons that it rests on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.morphology import skeletonize

from evaluators.metrics.topology import cldice, skeleton

from .drawings import Mask, masks, pair


def line(shape: tuple[int, ...], *, rows: slice, columns: slice) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[rows, columns] = True
    return mask


def test_a_thin_line_is_its_own_skeleton() -> None:
    thin = line((9, 30), rows=slice(4, 5), columns=slice(2, 28))
    assert (skeleton(thin) == thin).all()


def test_a_vessel_of_the_wrong_width_keeps_its_centreline() -> None:
    thin = line((9, 30), rows=slice(4, 5), columns=slice(2, 28))
    thick = line((9, 30), rows=slice(3, 6), columns=slice(2, 28))
    # Dice is 1/2; of the 25 pixels of the thick one's skeleton only the last sits beside the thin one
    assert cldice(pair(thick, thin)) == pytest.approx(2 * 0.96 / 1.96)


def test_half_of_a_vessel_scores_two_thirds() -> None:
    whole = line((5, 24), rows=slice(2, 3), columns=slice(2, 22))
    half = line((5, 24), rows=slice(2, 3), columns=slice(2, 12))
    # precision 1, sensitivity 1/2
    assert cldice(pair(half, whole)) == pytest.approx(2 / 3)


def test_empty_masks_have_one_stated_value() -> None:
    nothing = np.zeros((5, 24), dtype=np.bool_)
    vessel = line((5, 24), rows=slice(2, 3), columns=slice(2, 22))
    assert cldice(pair(nothing, nothing)) == 1
    assert cldice(pair(nothing, vessel)) == 0
    assert cldice(pair(vessel, nothing)) == 0


def test_vessels_that_do_not_meet_score_nought() -> None:
    first = line((9, 24), rows=slice(1, 2), columns=slice(2, 22))
    second = line((9, 24), rows=slice(6, 7), columns=slice(2, 22))
    assert cldice(pair(first, second)) == 0


@settings(deadline=None, max_examples=150)
@given(drawn=masks(largest=12))
def test_noise_has_the_skeleton_of_scikit_image(drawn: list[Mask]) -> None:
    (mask,) = drawn
    assert (skeleton(mask) == skeletonize(mask)).all()  # type: ignore[no-untyped-call]


@settings(deadline=None, max_examples=60)
@given(drawn=masks(largest=5), width=st.integers(2, 4))
def test_thick_shapes_have_the_skeleton_of_scikit_image(drawn: list[Mask], width: int) -> None:
    thick = drawn[0]
    for axis in range(thick.ndim):
        thick = np.repeat(thick, width, axis=axis)
    assert (skeleton(thick) == skeletonize(thick)).all()  # type: ignore[no-untyped-call]


def test_smooth_shapes_of_some_size_have_the_skeleton_of_scikit_image() -> None:
    axes = np.meshgrid(*(np.linspace(0, 14, size) for size in (40, 50, 60)), indexing="ij")
    blobs = np.sin(axes[0]) + np.sin(axes[1] + 1) + np.sin(axes[2] + 2) > 0.4
    for mask in (blobs, blobs[20]):
        assert (skeleton(mask) == skeletonize(mask)).all()  # type: ignore[no-untyped-call]


@settings(deadline=None, max_examples=100)
@given(drawn=masks(count=2, largest=8))
def test_it_is_symmetric_between_nought_and_one_and_one_for_equals(drawn: list[Mask]) -> None:
    first, second = drawn
    value = cldice(pair(first, second))[0]
    assert 0 <= value <= 1
    assert value == pytest.approx(cldice(pair(second, first))[0])
    assert cldice(pair(first, first.copy())) == 1


@settings(deadline=None, max_examples=60)
@given(drawn=masks(count=2, largest=6), margin=st.integers(1, 3))
def test_background_round_the_class_changes_nothing(drawn: list[Mask], margin: int) -> None:
    once, more = ([np.pad(mask, wide) for mask in drawn] for wide in (1, 1 + margin))
    assert cldice(pair(once[0], once[1])) == cldice(pair(more[0], more[1]))
