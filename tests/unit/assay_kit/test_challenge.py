"""Applying a challenge file."""

from __future__ import annotations

import json

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site


def test_a_file_is_sent_as_it_is_and_the_changes_are_told(alice: Person, site: Site) -> None:
    (alice.work / "demo.yaml").write_text("challenge: démo\n", encoding="utf-8")

    ran = alice.runs("challenge", "apply", "demo.yaml")

    assert ran.code == 0
    assert [line.split() for line in ran.out.splitlines()] == [["demo", "same"], ["demo/cine-multicoil", "created"]]
    assert (site.applied[0].yaml, site.applied[0].filename, site.applied[0].base) == (
        "challenge: démo\n",
        "demo.yaml",
        "b" * 64,
    )


def test_a_mistake_in_the_file_is_the_answer_no(alice: Person, site: Site) -> None:
    (alice.work / "demo.yaml").write_text("metrics: [ssmi]\n")

    ran = alice.runs("challenge", "apply", "demo.yaml", "--json")

    assert ran.code == 1
    assert json.loads(ran.out)["message"] == 'demo.yaml:31:12 unknown metric "ssmi", did you mean "ssim"?'


def test_a_file_may_come_on_stdin(alice: Person, site: Site) -> None:
    assert alice.runs("challenge", "apply", "-", "-q", stdin="challenge: demo\n").out == "demo\n"


def test_yes_is_understood_where_nobody_can_be_asked(alice: Person, site: Site) -> None:
    (alice.work / "demo.yaml").write_text("challenge: demo\n")

    assert alice.runs("challenge", "apply", "demo.yaml", "--yes", "--no-input").code == 0


def test_a_missing_file_is_wrong_usage(alice: Person, site: Site) -> None:
    assert alice.runs("challenge", "apply", "none.yaml").code == 2


def test_without_a_token_nothing_is_sent(stranger: Person, site: Site) -> None:
    (stranger.work / "demo.yaml").write_text("challenge: demo\n")

    assert stranger.runs("challenge", "apply", "demo.yaml", "--site", site.address).code == 4
    assert not site.applied
