"""An organiser changes a metric: kept outputs are scored by the real scorer, ranks compared, both boards kept."""

from __future__ import annotations

import json

import pytest

from tests.integration.door.conftest import CASES, CHALLENGE, Door

pytestmark = pytest.mark.engine

PHASE = "rescored/cine/test"


def test_a_changed_metric_is_scored_from_kept_outputs_and_published_at_once(door: Door) -> None:
    file = door.folder / "rescored.yaml"
    file.write_text(CHALLENGE.replace("challenge: door", "challenge: rescored"))
    door.assay("challenge", "apply", str(file))
    status = door.ended("good", "--baseline", phase=PHASE)
    assert status["state"] == "scored"
    (before,) = door.board(PHASE)["rows"]

    file.write_text(file.read_text().replace("region: full, digits: 3", "region: challenge-crop, digits: 3"))
    # entries that stand would leave the board: that wants the challenge's name
    door.assay("challenge", "apply", str(file), codes=(6,))
    door.assay("challenge", "apply", str(file), "--confirm", "rescored")
    assert [one["reason"] for one in door.board(PHASE)["not_ranked"]] == ["RESCORE"]

    words = ("challenge", "rescore", PHASE, "--note", "SSIM is of the crop now", "--wait", "--json")
    told = json.loads(door.assay(*words, "--timeout", "120"))
    assert (told["publishable"], [row["stand"] for row in told["rows"]]) == (True, ["ready"])
    assert not door.board(PHASE)["rows"]
    door.assay("challenge", "publish", PHASE, "--confirm", "door", codes=(2,))
    published = json.loads(door.assay("challenge", "publish", PHASE, "--confirm", "rescored", "--json"))

    (after,) = door.board(PHASE)["rows"]
    assert after["cases"] == CASES
    assert after["metrics"]["ssim"] != before["metrics"]["ssim"]
    assert after["metrics"]["nmse"] == before["metrics"]["nmse"]
    assert (after["seconds"], after["peak_memory"]) == (before["seconds"], before["peak_memory"])
    old, new = (door.get(f"boards/{PHASE}/snapshots/{published[name]}")["board"] for name in ("before", "after"))
    assert (old["rows"][0]["metrics"], new["rows"][0]["metrics"]) == (before["metrics"], after["metrics"])
    page = door.http.get(f"{door.stack.url}/s/{status['id']}").text
    assert "preparing → scoring" in page
    assert "running" not in page.partition("Transition log")[2].partition("</table>")[0]

    archive = door.folder / "archive"
    door.assay("challenge", "archive", "rescored", str(archive), codes=(6,))
    door.assay("challenge", "archive", "rescored", str(archive), "--unfinished", "--licence", "none: drawn for a test")
    index = (archive / "index.html").read_text()
    assert "SSIM is of the crop now" in index
    assert f"boards/cine-test-{published['after']}.html" in index
    assert "none: drawn for a test" in (archive / "data-card.html").read_text()
