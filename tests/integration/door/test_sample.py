"""A public sample's pictures through the real site: drawn when it is uploaded, shown to anybody, never of the hidden set."""

from __future__ import annotations

import pytest

from tests.integration.door.conftest import CASES, PHASE, SIZE, Door

pytestmark = pytest.mark.engine


def test_a_public_sample_comes_with_its_viewer_and_the_hidden_set_without(door: Door) -> None:
    size = "x".join(map(str, SIZE))
    words = ("--name", "door-sample", "--version", "1", "--subjects", "1", "--size", size, "--public")
    door.assay("dataset", "phantom", *words, "--seed-file", "-", stdin="a seed that everybody may know")
    file = door.folder / "with-sample.yaml"
    text = (door.folder / "challenge.yaml").read_text()
    file.write_text(text.replace("{ranked: door-test@1}", "{ranked: door-test@1, sample: door-sample@1}"))
    door.assay("challenge", "apply", str(file))

    told = door.http.get(f"{door.stack.url}/c/{PHASE}/sample.json").json()
    assert (told["dataset"], len(told["cases"]), told["methods"]) == ("door-sample@1", CASES, ["Zero-filled"])
    assert [shot["title"] for shot in told["pictures"]] == ["Reference", "Zero-filled", "Error of Zero-filled"]
    for shot in told["pictures"]:
        answer = door.http.get(door.stack.url + shot["url"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    body = {
        "case": "case 01", "kind": "reference", "frames": 1, "columns": 1, "width": 1, "height": 1,
        "slice_number": 1, "slices": 1, "png": "",
    }  # fmt: skip
    refused = door.http.put(
        f"{door.stack.url}/api/v1/datasets/door-test/1/pictures",
        json=body,
        headers={"Authorization": f"Bearer {door.token}"},
    )
    assert (refused.status_code, refused.json()["error"]) == (403, "HIDDEN_DATA")
