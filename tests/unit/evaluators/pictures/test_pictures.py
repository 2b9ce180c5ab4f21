"""Pictures of a case: what is black, what is white, what an error's colour stands for, and where each frame lies."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from evaluators.contract.pictures import ERROR_WINDOW
from evaluators.pictures.case import draw_error, draw_image, draw_reference
from evaluators.pictures.sheet import Sheet, grey_sheet, viridis_sheet


def pixels(sheet: Sheet) -> np.ndarray:
    """(y, x) grey levels, or (y, x, 3) colours, of the whole sheet."""
    picture = Image.open(io.BytesIO(sheet.png))
    return np.asarray(picture.convert("RGB") if picture.mode == "P" else picture)


def frame(sheet: Sheet, number: int) -> np.ndarray:
    row, column = divmod(number, sheet.columns)
    top, left = row * sheet.height, column * sheet.width
    return pixels(sheet)[top : top + sheet.height, left : left + sheet.width]


def test_frames_lie_row_by_row_and_what_is_left_over_is_black() -> None:
    frames = np.linspace(0, 1, 6)[:, None, None] * np.ones((6, 5, 3))
    sheet = grey_sheet(frames)
    assert (sheet.frames, sheet.columns, sheet.width, sheet.height) == (6, 4, 3, 5)
    assert pixels(sheet).shape == (10, 12)
    assert [int(frame(sheet, number)[0, 0]) for number in range(8)] == [0, 51, 102, 153, 204, 255, 0, 0]


def test_an_image_is_shown_in_the_brightness_of_its_reference_whatever_its_own_scale() -> None:
    scan = np.zeros((4, 6, 3, 2))
    scan[1, 2, 1, 0] = 5.0
    scan[3, 5, 1, 1] = 2.5
    drawn = draw_reference(scan)
    assert (drawn.slice_number, drawn.slices) == (2, 3)
    # x runs to the right, y down
    assert frame(drawn.sheet, 0)[2, 1] == 255
    assert frame(drawn.sheet, 1)[5, 3] == 128
    assert draw_image(scan * 1000, scan).sheet.png == drawn.sheet.png


def test_the_error_map_has_one_scale_for_every_case_and_clips_at_its_window() -> None:
    reference = np.zeros((8, 8, 1, 1))
    reference[4:] = 2.0
    image = reference.copy()
    # nothing there in the reference: the fit of the scale does not see it
    image[0, 0], image[1, 0] = ERROR_WINDOW, 6 * ERROR_WINDOW
    colours = frame(draw_error(image, reference).sheet, 0)
    darkest, brightest = (0x44, 0x01, 0x54), (0xFD, 0xE7, 0x25)
    assert tuple(colours[0, 2]) == darkest
    assert tuple(colours[0, 1]) == brightest
    assert tuple(colours[0, 0]) not in {darkest, brightest}
    # twice the numbers are the same picture
    assert draw_error(image * 2, reference).sheet.png == draw_error(image, reference).sheet.png


def test_viridis_grows_brighter_all_the_way() -> None:
    ramp = np.linspace(0, 1, 64)[None, None, :]
    light = pixels(viridis_sheet(ramp))[0].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > 0).all()


def test_a_large_matrix_is_thinned_out_and_an_empty_or_broken_image_is_black() -> None:
    sheet = grey_sheet(np.ones((1, 512, 246)))
    assert (sheet.height, sheet.width) == (256, 123)
    empty = np.zeros((4, 4, 1, 1))
    assert not pixels(draw_reference(empty).sheet).any()
    assert not pixels(draw_image(empty, np.ones((4, 4, 1, 1))).sheet).any()
    assert grey_sheet(np.ones((40, 4, 4))).frames == 16
    assert not pixels(grey_sheet(np.full((1, 2, 2), np.nan))).any()


def test_two_shapes_have_no_error() -> None:
    with pytest.raises(ValueError, match="its reference"):
        draw_error(np.ones((4, 4, 1, 1)), np.ones((4, 5, 1, 1)))
