"""Pictures of label maps: where a class lies, which way up, what the colours of a difference say, and how large all may be."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.contract.pictures import CLASS_COLOURS, DIFFERENCE_COLOURS, MOST_PICTURE, Difference, class_colour
from evaluators.pictures.labels import difference, draw_classes, draw_difference, draw_input, shades
from evaluators.pictures.view import view_of
from tests.unit.evaluators.pictures.test_pictures import frame

#: voxel (i, j, k) -> mm: towards left, posterior, superior, as DICOM's scanners store it
LPS = np.diag([-1.0, -1.0, 2.0, 1.0])


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def colour_at(sheet, number: int, *, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(part) for part in frame(sheet, number)[y, x])


def test_a_class_is_outlined_in_its_own_colour_and_the_image_shows_through_its_middle() -> None:
    labels = np.zeros((12, 10), dtype=np.uint8)
    labels[2:7, 1:6], labels[9, 8] = 1, 9
    image = np.linspace(0, 100, 120).reshape(12, 10)
    view = view_of((12, 10), affine=None)
    sheet = draw_classes(labels, shades(image), view=view)
    assert (sheet.frames, sheet.width, sheet.height) == (1, 12, 10)
    # x runs to the right, y down
    assert colour_at(sheet, 0, x=2, y=1) == rgb(class_colour(1))
    assert colour_at(sheet, 0, x=9, y=8) == rgb(class_colour(9)) == rgb(class_colour(2))
    inside, outside = colour_at(sheet, 0, x=4, y=3), colour_at(sheet, 0, x=8, y=3)
    assert inside != rgb(class_colour(1))
    assert len(set(inside)) == 3
    assert len(set(outside)) == 1
    # the middle of the class is brighter where the image is
    assert sum(colour_at(sheet, 0, x=5, y=4)) > sum(colour_at(sheet, 0, x=3, y=2))


def test_the_difference_tells_missed_added_another_class_and_right_apart_by_colour_and_by_pattern() -> None:
    reference, prediction = np.zeros((40, 20), dtype=np.uint8), np.zeros((40, 20), dtype=np.uint8)
    reference[0:8, 2:18] = 1  # missed
    prediction[10:18, 2:18] = 1  # added
    reference[20:28, 2:18], prediction[20:28, 2:18] = 1, 2
    reference[30:38, 2:18] = prediction[30:38, 2:18] = 2
    view, greys = view_of((40, 20), affine=None), shades(np.zeros((40, 20)))
    found = difference(prediction, reference)
    assert [int(found[x, 9]) for x in (4, 14, 24, 34, 39)] == [
        Difference.MISSED.number, Difference.ADDED.number, Difference.OTHER_CLASS.number, Difference.RIGHT.number, 0,
    ]  # fmt: skip
    shot = frame(draw_difference(found, greys, view=view), 0)

    def solid(x: int, which: Difference) -> np.ndarray:
        same = shot[4:16, x : x + 6] == rgb(DIFFERENCE_COLOURS[which.number - 1])
        return np.asarray(same.all(axis=-1))

    assert solid(1, Difference.MISSED).all()
    # hatched: neither filled nor empty
    assert 0.2 < solid(11, Difference.ADDED).mean() < 0.5
    assert not solid(21, Difference.OTHER_CLASS).any()
    assert not solid(31, Difference.RIGHT).any()


def test_the_difference_of_one_class_does_not_see_the_others() -> None:
    reference, prediction = np.array([[1, 1, 2, 0]]), np.array([[1, 2, 2, 1]])
    assert difference(prediction, reference, label=1).tolist() == [
        [Difference.RIGHT.number, Difference.MISSED.number, 0, Difference.ADDED.number]
    ]
    assert difference(prediction, reference, label=2).tolist() == [
        [0, Difference.ADDED.number, Difference.RIGHT.number, 0]
    ]


@pytest.mark.parametrize(("affine", "sides", "corner"), [(LPS, "LRAP", (9, 0)), (np.eye(4), "LRAP", (0, 7))])
def test_a_volume_is_shown_anterior_up_and_right_to_the_right_however_it_is_stored(affine, sides, corner) -> None:
    labels = np.zeros((10, 8, 3), dtype=np.uint8)
    labels[0, 0, 1] = 1
    view = view_of(labels.shape, affine=affine)
    sheet = draw_classes(labels, shades(np.zeros(labels.shape)), view=view)
    assert (view.sides, sheet.frames) == (sides, 3)
    # the first voxel is the most right and anterior one of LPS, the most left and posterior one of RAS
    assert colour_at(sheet, 1, x=corner[0], y=corner[1]) == rgb(CLASS_COLOURS[0])
    assert view.place((0, 0, 1)) == (1, *corner)


def test_a_tall_stack_is_thinned_evenly_and_every_voxel_has_its_nearest_frame() -> None:
    shape = (240, 240, 155)
    view = view_of(shape, affine=np.eye(4))
    frames = len(range(view.first, shape[2], view.step))
    assert 30 <= frames <= 64
    noise = np.random.default_rng(0).integers(0, 2**12, shape)
    drawn = draw_input(shades(noise), view=view)
    assert drawn.frames == frames
    # nothing compresses worse than noise
    everywhere = np.random.default_rng(1).integers(0, 8, shape)
    assert len(draw_classes(everywhere, shades(noise), view=view).png) < MOST_PICTURE
    assert [view.place((0, 0, z))[0] for z in (0, view.first + 2 * view.step, 154)] == [0, 2, frames - 1]


def test_a_large_picture_is_thinned_out_and_its_places_with_it() -> None:
    view = view_of((1200, 900), affine=None)
    sheet = draw_input(shades(np.ones((1200, 900))), view=view)
    assert (sheet.width, sheet.height) == (600, 450)
    assert view.place((1199, 900 - 1)) == (0, 599, 449)


def test_brightness_is_set_by_the_bulk_of_the_image_not_by_one_hot_voxel_nor_by_what_is_not_finite() -> None:
    image = np.tile(np.linspace(0, 100, 200), (10, 1))
    image[0, 0], image[0, 1], image[0, 2] = 1e9, np.nan, np.inf
    greys = shades(image)
    assert greys[5, 100] == pytest.approx(32, abs=1)
    assert greys.max() == 63
    assert shades(np.stack([image, -image], axis=-1)[:, :, None, :]).shape == (10, 200, 1)
    assert not shades(np.full((4, 4), np.nan)).any()
    # nearly all black: the little that is there shows
    sparse = np.zeros((40, 40))
    sparse[3, 3] = 5
    assert shades(sparse)[3, 3] == 63
