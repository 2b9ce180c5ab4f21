"""The sample viewer of label maps in a real browser: slices, marks and the list of faults; three planes where WebGL is there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from evaluators.contract.pictures import DIFFERENCE_COLOURS, Difference
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.unit.assay.web.label_samples import draw_label_sample
from tests.unit.assay.web.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def stack(world: World, settings: Any, tmp_path: Path) -> World:
    """The world with a sample of volumes: a ring that is torn, a disc that was missed, a speck too many."""
    settings.BLOB_ROOT = tmp_path / "blobs"
    draw_label_sample(world, "U-Net", axes=3, cases=1)
    return world


def shots(page: Page) -> list[str]:
    return [str(canvas.evaluate("canvas => canvas.toDataURL()")) for canvas in page.locator(".shot canvas").all()]


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
def test_a_fault_leads_to_its_slice_and_without_webgl_the_slices_say_that_they_are_all(
    size: tuple[int, int], dark: bool, stack: World, visit: Visit
) -> None:
    visitor = visit(size=size, dark=dark)
    page = visitor.open(f"/c/{stack.address}/sample")
    told = page.locator("[data-told]")
    expect(told).to_have_text("slice 1 of 9")
    first = shots(page)
    assert len(first) == 4
    page.get_by_role("button", name="extra piece, apart from all of the reference").click()
    expect(told).to_have_text("slice 5 of 9")
    assert all(now != before for now, before in zip(shots(page), first, strict=True))
    pointed = page.locator(".fault-mark.pointed:visible")
    assert pointed.count() == 3
    # the ring sits on the speck: voxel 52, 44 of 64 x 56, stored towards left and posterior
    frame = page.locator(".shot .frame").nth(3).bounding_box()
    mark = pointed.nth(2).bounding_box()
    assert frame is not None
    assert mark is not None
    assert (mark["x"] + mark["width"] / 2 - frame["x"]) / frame["width"] == pytest.approx(
        (63 - 52 + 0.5) / 64, abs=0.02
    )
    assert (mark["y"] + mark["height"] / 2 - frame["y"]) / frame["height"] == pytest.approx(44.5 / 56, abs=0.02)
    expect(page.get_by_text("This browser has no WebGL 2: the slices above show the same.")).to_be_visible()
    expect(page.get_by_role("button", name="Load the volume")).to_be_hidden()
    assert visitor.overflow() <= 0
    assert visitor.complaints == []


def test_without_javascript_every_slice_mark_and_fault_is_there_and_no_dead_button(stack: World, visit: Visit) -> None:
    page = visit(javascript=False).open(f"/c/{stack.address}/sample")
    assert page.locator(".shot img:visible").count() == 4
    assert page.locator(".fault-mark:visible").count() > 0
    expect(page.get_by_text("extra piece, apart from all of the reference")).to_be_visible()
    assert page.locator("main button:visible, main input:visible").count() == 0


def test_three_planes_show_the_image_and_the_overlay_that_is_chosen(stack: World, visit_with_webgl: Visit) -> None:
    visitor = visit_with_webgl()
    page = visitor.open(f"/c/{stack.address}/sample")
    where = page.locator("[data-where]")
    expect(where).to_have_text("nothing loaded")
    page.get_by_role("button", name="Load the volume").click()
    expect(where).to_contain_text("voxel", timeout=120_000)
    page.get_by_role("button", name="missing piece: nothing was found there").click()
    expect(where).to_have_text("voxel 52, 14, 4")
    page.locator("[data-opacity]").fill("100")
    canvas = page.locator("[data-canvas]")

    def seen() -> np.ndarray:
        """(pixel, 3) of the canvas as it is on the screen."""
        page.wait_for_timeout(300)
        return np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")).reshape(-1, 3).astype(int)

    def share(pixels: np.ndarray, which: Difference) -> float:
        colour = list(bytes.fromhex(DIFFERENCE_COLOURS[which.number - 1][1:]))
        return float((np.abs(pixels - colour).max(axis=1) <= 12).mean())

    different = seen()
    assert share(different, Difference.MISSED) > 0.002
    page.get_by_label("none").check()
    expect(page.locator("[data-volume]")).to_have_attribute("data-shown", "")
    plain = seen()
    assert share(plain, Difference.MISSED) == 0
    # the image alone is grey, and it is there
    bright = plain[plain.max(axis=1) > 60]
    assert len(bright) > 0.05 * len(plain)
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    # to the left of the picture, which is where the stored x grows
    expect(where).to_have_text("voxel 53, 14, 4")
    page.keyboard.press("PageUp")
    expect(where).to_have_text("voxel 53, 14, 5")
    assert visitor.complaints == []
