"""Borders, surfels and the distances between them: scipy's answers, drawn cases, and the limits that noise cannot pass."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion, distance_transform_edt

from evaluators.metrics.labels.borders import border
from evaluators.metrics.labels.crop import crop_together
from evaluators.metrics.labels.nearest import distances_between
from evaluators.metrics.labels.surfels import surfels

from .drawings import Mask, picture


@st.composite
def lattices(draw: st.DrawFn) -> tuple[Mask, Mask]:
    """Two of one shape, each with a point or more."""
    shape = tuple(draw(st.lists(st.integers(1, 25), min_size=2, max_size=3)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    found = []
    for _ in range(2):
        marked = rng.random(shape) < draw(st.sampled_from((0.0, 0.002, 0.05, 0.6)))
        marked.flat[rng.integers(marked.size)] = True
        found.append(marked)
    return found[0], found[1]


@settings(deadline=None, max_examples=200)
@given(
    drawn=lattices(),
    # one look sends all but the nearest to the transform, 2048 none in a plane of this size
    looks=st.sampled_from((1, 9, 2048)),
    spacing=st.lists(st.sampled_from((1, 0.33, 0.7, 1.5, 3, 40.0)), min_size=3, max_size=3),
)
def test_distances_equal_scipys_transform(drawn: tuple[Mask, Mask], looks: int, spacing: list[float]) -> None:
    first, second = drawn
    mm = tuple(spacing[: first.ndim])
    there, back = distances_between(first, second, spacing=mm, looks=looks)
    np.testing.assert_allclose(there, distance_transform_edt(~second, sampling=mm)[first], rtol=1e-14)
    np.testing.assert_allclose(back, distance_transform_edt(~first, sampling=mm)[second], rtol=1e-14)


def test_a_lattice_without_points_is_infinitely_far() -> None:
    some, none = np.ones((3, 4, 5), dtype=np.bool_), np.zeros((3, 4, 5), dtype=np.bool_)
    there, back = distances_between(some, none, spacing=(1.0, 2.0, 3.0))
    assert there.tolist() == [np.inf] * 60
    assert back.size == 0


@settings(deadline=None, max_examples=100)
@given(drawn=lattices())
def test_the_border_is_what_an_erosion_takes_away(drawn: tuple[Mask, Mask]) -> None:
    for mask in drawn:
        assert (border(mask) == mask & ~binary_erosion(mask)).all()
        assert (border(np.asfortranarray(mask)) == border(mask)).all()


@settings(deadline=None, max_examples=100)
@given(drawn=lattices())
def test_a_crop_keeps_every_voxel_and_each_side_touches_one(drawn: tuple[Mask, Mask]) -> None:
    cropped = crop_together(*drawn)
    assert [mask.sum() for mask in cropped] == [mask.sum() for mask in drawn]
    together = cropped[0] | cropped[1]
    for axis in range(together.ndim):
        assert together.take(0, axis=axis).any()
        assert together.take(-1, axis=axis).any()


def test_a_pixel_is_enclosed_by_four_corners_cut_across() -> None:
    corners, lengths = surfels(picture("#"), spacing=(3.0, 4.0))
    assert corners.all()
    # half a diagonal of 5 mm at each corner
    assert lengths.tolist() == [2.5] * 4


def test_straight_contours_and_touching_corners_in_a_picture() -> None:
    corners, lengths = surfels(picture("## .."), spacing=(3.0, 4.0))
    assert lengths[corners[:2].ravel()].tolist() == [2.5, 4.0, 2.5, 2.5, 4.0, 2.5]
    corners, lengths = surfels(picture("#. .#"), spacing=(3.0, 4.0))
    assert lengths[3] == 5.0


def test_a_voxel_is_enclosed_by_an_octahedron_and_a_layer_by_two_planes() -> None:
    corners, areas = surfels(np.ones((1, 1, 1), dtype=np.bool_), spacing=(2.0, 2.0, 2.0))
    assert corners.shape == (2, 2, 2)
    # triangles between the middles of the sides, sqrt(2) mm long
    assert areas == pytest.approx(np.full(8, sqrt(3) / 2))
    layer = np.ones((1, 4, 4), dtype=np.bool_)
    _, areas = surfels(layer, spacing=(7.0, 2.0, 3.0))
    flat = areas.reshape(2, 5, 5)[:, 1:-1, 1:-1]
    assert flat == pytest.approx(np.full((2, 3, 3), 6.0))


@settings(deadline=None, max_examples=60)
@given(drawn=lattices())
def test_a_mask_and_what_lies_around_it_have_the_same_surface(drawn: tuple[Mask, Mask]) -> None:
    mask = np.pad(drawn[0], 2)
    spacing = (1.5, 0.5, 2.0)[: mask.ndim]
    corners, areas = surfels(mask, spacing=spacing)
    inside = (slice(1, -1),) * mask.ndim
    outer_corners, outer_areas = surfels(~mask, spacing=spacing)
    whole = np.zeros(outer_corners.shape)
    whole[outer_corners] = outer_areas
    assert (outer_corners[inside] == corners[inside]).all()
    assert (whole[inside][corners[inside]] == areas).all()
