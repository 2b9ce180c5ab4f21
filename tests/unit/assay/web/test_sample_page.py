"""The sample viewer: what is shown of public cases, and that hidden ones are never there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay.datasets.models import Dataset
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.samples import draw_sample
from tests.unit.assay.web.world import World


@pytest.fixture(autouse=True)
def _own_blobs(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_ROOT = tmp_path / "blobs"


def test_a_case_is_shown_with_its_strata_the_method_its_error_and_a_stated_scale(world: World, client: Any) -> None:
    draw_sample(world, "Zero-filled", "E2E-VarNet")
    page = read(client.get(f"/c/{world.address}/sample?case=case+02&method=E2E-VarNet"))
    assert "case 02 of the public sample" in page.text
    assert ", acceleration 4, view long axis, anatomy real." in page.text
    assert [image.attrs["alt"].split(",")[0] for image in page.all("img")] == [
        "Reference", "E2E-VarNet", "Error of E2E-VarNet",
    ]  # fmt: skip
    assert "in viridis from 0 to 10 % of the maximum: the same for every case and method" in page.text
    for image in page.all("img"):
        answer = client.get(image.attrs["src"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")


def test_every_view_is_an_address_and_unknown_words_show_the_first(world: World, client: Any) -> None:
    draw_sample(world, "Zero-filled", "E2E-VarNet")
    twin = f"/c/{world.address}/sample.json"
    told = client.get(twin).json()
    assert (told["case"], told["method"]) == ("case 01", "E2E-VarNet")
    assert (told["cases"], told["methods"]) == (["case 01", "case 02"], ["E2E-VarNet", "Zero-filled"])
    assert [shot["frames"] for shot in told["pictures"]] == [6, 6, 6]
    assert client.get(f"{twin}?case=case+99&method=%3Cscript%3E").json() == told


def test_a_sample_that_was_never_drawn_says_who_draws_it(world: World, client: Any) -> None:
    page = read(client.get(f"/c/{world.address}/sample"))
    assert "No picture of cine-demo-sample@1 was drawn yet." in page.text
    assert "assay dataset pictures" in page.text


def test_a_phase_without_a_public_sample_shows_nothing_whatever_was_drawn(world: World, client: Any) -> None:
    draw_sample(world, "Zero-filled")
    Dataset.objects.filter(name="cine-demo-sample").update(is_public=False)
    page = read(client.get(f"/c/{world.address}/sample"))
    assert page.all("img") == []
    assert "Hidden cases are never drawn." in page.text
    assert client.get(f"/c/{world.address}/sample.json").json() == {"dataset": None, "pictures": []}
    assert f"/c/{world.address}/sample" not in read(client.get("/c/cine-demo/cine-multicoil")).links()


def test_task_and_phase_lead_to_the_viewer(world: World, client: Any) -> None:
    for address in ("/c/cine-demo/cine-multicoil", f"/c/{world.address}"):
        assert f"/c/{world.address}/sample" in read(client.get(address)).links()
