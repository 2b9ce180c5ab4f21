"""Scoring a phase again, and publishing it, by command."""

from __future__ import annotations

import json

import pytest

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site
from tests.unit.assay_kit.site_organiser import rescore

PHASE = "demo/cine-multicoil/test"


def test_it_is_begun_once_and_then_shown(alice: Person, site: Site) -> None:
    for _ in range(2):
        ran = alice.runs("challenge", "rescore", "cine-multicoil/test", "--all", "--note", "new references")
        assert ran.code == 0
    assert site.rescore_calls == [f"begin {PHASE} True new references"]
    assert [line.split() for line in ran.out.splitlines()] == [
        ["old", "new", "method", "team", "SSIM"],
        ["2", "1", "VarNet", "alpha", "0.95", "->", "0.96"],
    ]


def test_a_failed_entry_is_the_answer_no_and_names_its_reason(alice: Person, site: Site) -> None:
    site.rescore = rescore(stand="failed", why="DATA: the outputs of this run are no longer kept.")
    ran = alice.runs("challenge", "rescore", "cine-multicoil/test")
    assert ran.code == 1
    assert "4F7Q VarNet: DATA: the outputs of this run are no longer kept." in ran.out
    document = json.loads(alice.runs("challenge", "rescore", "cine-multicoil/test", "--json").out)
    assert document["rows"][0]["stand"] == "failed"


@pytest.mark.parametrize("verb", ["retry", "run-again", "leave-out", "drop"])
def test_what_becomes_of_failed_entries_is_said_by_one_word(verb: str, alice: Person, site: Site) -> None:
    site.rescore = rescore(stand="failed")
    alice.runs("challenge", "rescore", "cine-multicoil/test", "--do", verb)
    assert site.rescore_calls == [verb]


def test_another_word_or_no_open_one_changes_nothing(alice: Person, site: Site) -> None:
    assert alice.runs("challenge", "rescore", "cine-multicoil/test", "--do", "forget").code == 2
    assert alice.runs("challenge", "rescore", "cine-multicoil/test", "--do", "drop").code == 1
    assert site.rescore_calls == []


def test_it_is_published_under_the_challenges_typed_name(alice: Person, site: Site) -> None:
    site.rescore = rescore(stand="ready")
    ran = alice.runs(
        "challenge", "publish", "cine-multicoil/test", "--confirm", "demo", "--note", "The crop was wrong."
    )
    assert ran.code == 0
    assert site.rescore_calls == ["publish demo The crop was wrong."]
