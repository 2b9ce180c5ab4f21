"""A dry run on the real stack: sealed references are opened by the scorer's image alone, and come back as the best there is."""

from __future__ import annotations

import json

import pytest

from tests.integration.door.conftest import CASES, PHASE, TIMED, Door

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("phase", [PHASE, TIMED])
def test_a_dry_run_of_hidden_data_is_green_and_counts_nowhere(door: Door, phase: str) -> None:
    rows = door.board(phase)["rows"]
    quota = door.get(f"phases/{phase}")
    report = json.loads(door.assay("challenge", "dry-run", phase, "--json", "--timeout", "200"))
    assert report["green"], report
    assert [(each["name"], each["cases"], each["faults"]) for each in report["answers"]] == [
        ("perfect", CASES, []), ("empty", CASES, []), ("broken", CASES, []),
    ]  # fmt: skip
    assert report["dataset"] == "door-test@1"
    assert door.board(phase)["rows"] == rows
    assert door.get(f"phases/{phase}") == quota
    # nor does lint warn of it any more
    linted = door.assay("challenge", "lint", str(door.folder / "challenge.yaml"))
    address = phase.split("/")[1]
    assert f"dry-run door/{address}" not in linted
