"""The sample viewer of label maps: what was missed and added, class by class, and where the topology is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.assay.web.label_samples import draw_label_sample
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import World


@pytest.fixture(autouse=True)
def _own_blobs(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_ROOT = tmp_path / "blobs"


def test_a_picture_is_shown_beside_both_maps_and_their_difference_and_its_colours_are_named(
    world: World, client: Any
) -> None:
    draw_label_sample(world, "Blur", "U-Net")
    page = read(client.get(f"/c/{world.address}/sample?method=U-Net"))
    assert [image.attrs["alt"].split(",")[0] for image in page.all("img")] == [
        "Image", "Reference", "U-Net", "Difference of U-Net",
    ]  # fmt: skip
    for image in page.all("img"):
        assert client.get(image.attrs["src"]).headers["Content-Type"] == "image/png"
    for word in ("structure", "missed", "added", "right", "what was missed is filled, what was added is hatched"):
        assert word in page.text
    # of one class no voxel can have another one
    assert "another class" not in page.text
    assert "x runs to the right, y down" in page.text
    assert "Load the volume" not in page.text


def test_a_volume_is_a_stack_of_slices_with_its_sides_and_a_difference_for_every_class(
    world: World, client: Any
) -> None:
    draw_label_sample(world, "U-Net", axes=3)
    address = f"/c/{world.address}/sample"
    page = read(client.get(address))
    assert "All 9 slices; L is left in the picture, R right, A above, P below" in page.text
    assert [link.split("class=")[-1] for link in page.links() if "class=" in link] == ["wall", "lumen"]
    whole, lumen = (client.get(f"{address}.json{more}").json() for more in ("", "?class=lumen"))
    assert [shot["frames"] for shot in whole["pictures"]] == [9, 9, 9, 9]
    assert whole["pictures"][:3] == lumen["pictures"][:3]
    assert whole["pictures"][3]["url"] != lumen["pictures"][3]["url"]
    assert client.get(f"{address}.json?class=nothing").json() == whole
    assert [key["title"] for key in whole["labels"]["difference"]] == ["missed", "added", "other class", "right"]
    assert [key["title"] for key in lumen["labels"]["difference"]] == ["missed", "added", "right"]


def test_a_volume_can_be_loaded_with_every_map(world: World, client: Any) -> None:
    draw_label_sample(world, "U-Net", axes=3)
    address = f"/c/{world.address}/sample"
    told = client.get(f"{address}.json").json()["labels"]["volumes"]
    assert [each["title"] for each in told["overlays"]] == ["Reference", "U-Net", "Difference"]
    assert [key["title"] for key in told["overlays"][0]["keys"]] == ["wall", "lumen"]
    for url in (told["image"], *(each["url"] for each in told["overlays"])):
        assert client.get(url).headers["Content-Type"] == "application/gzip"
    assert "Load the volume" in read(client.get(address)).text


def test_faults_of_topology_are_listed_with_their_place_and_marked_on_the_pictures(world: World, client: Any) -> None:
    draw_label_sample(world, "U-Net")
    page = read(client.get(f"/c/{world.address}/sample"))
    for words in (
        "missing hole: its wall is open voxel 24, 28",
        "missing piece: nothing was found there voxel 52, 14",
        "extra piece, apart from all of the reference voxel 52, 44",
        "pieces 2 2",
        "holes 0 1",
        "Neighbours in the structure: 8, around it: 4.",
    ):
        assert words in page.text
    told = client.get(f"/c/{world.address}/sample.json").json()["labels"]["topology"]["marks"]
    assert [(mark["number"], mark["extra"], mark["place"]) for mark in told] == [
        (1, False, "24, 28"), (2, False, "52, 14"), (3, True, "52, 44"),
    ]  # fmt: skip
    # a mark for each of them on three of the four pictures
    assert len([one for one in page.all("span") if "fault-mark" in one.attrs.get("class", "").split()]) == 9
    assert float(told[0]["x"]) == pytest.approx(100 * 24.5 / 64, abs=0.01)


def test_a_sample_that_no_method_was_drawn_on_shows_image_and_reference(world: World, client: Any) -> None:
    draw_label_sample(world)
    page = read(client.get(f"/c/{world.address}/sample"))
    assert [image.attrs["alt"].split(",")[0] for image in page.all("img")] == ["Image", "Reference"]
    assert "Topology" not in page.text
    assert "Method" not in page.text
