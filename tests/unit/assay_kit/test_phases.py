"""Finding a phase by its address, by a piece of it, and in spite of a typing mistake."""

from __future__ import annotations

import json

import pytest

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site, phase


@pytest.mark.parametrize("typed", ["demo/cine-multicoil/test", "cine-multicoil/test", "/Cine-Multicoil/Test/"])
def test_the_whole_address_and_a_unique_tail_mean_the_same_phase(alice: Person, site: Site, typed: str) -> None:
    assert alice.runs("show", typed, "-q").out == "demo/cine-multicoil/test\n"


def test_a_tail_that_two_phases_share_is_not_guessed(alice: Person, site: Site) -> None:
    ran = alice.runs("show", "test")

    assert ran.code == 2
    assert "demo/cine-multicoil/test, demo/mapping/test" in ran.err


@pytest.mark.parametrize("typed", ["validaton", "cine-multicoil/validatoin", "demo/cine-multicoil/validations"])
def test_a_typing_mistake_gets_a_suggestion_and_exit_code_5(alice: Person, site: Site, typed: str) -> None:
    ran = alice.runs("show", typed)

    assert ran.code == 5
    assert "next: did you mean demo/cine-multicoil/validation?" in ran.err


def test_half_a_word_is_no_tail(alice: Person, site: Site) -> None:
    assert alice.runs("show", "dation").code == 5


def test_phases_are_public(stranger: Person, site: Site) -> None:
    ran = stranger.runs("phases", "--site", site.address, "-q")

    assert ran.code == 0
    assert ran.out.split() == [one.address for one in site.phases]


def test_only_open_phases_are_listed_when_asked(alice: Person, site: Site) -> None:
    assert "warm-up" in alice.runs("phases").out
    assert "warm-up" not in alice.runs("phases", "--open").out


def test_plain_columns_are_never_cut_short(alice: Person, site: Site) -> None:
    long = "demo/" + "a-very-long-task-name-" * 9 + "end/test"
    site.phases.append(phase(long))

    assert long in alice.types("phases").out


def test_show_tells_limits_quota_dates_in_three_clocks_and_the_docker_line(alice: Person, site: Site) -> None:
    out = alice.runs("show", "cine-multicoil/test").out

    assert "10.0 GiB" in out
    assert "3 per day, 1 used, 2 left; 10 attempts in all" in out
    assert "2026-12-25 12:00 UTC = 2026-12-25 00:00 AoE" in out
    assert out.splitlines()[-1] == site.phases[1].docker_line


def test_json_is_the_contract_and_stands_alone_on_stdout(alice: Person, site: Site) -> None:
    ran = alice.runs("show", "cine-multicoil/test", "--json")

    assert json.loads(ran.out) == site.phases[1].model_dump(mode="json")
    assert ran.err == ""


def test_an_error_is_a_json_document_on_stdout_and_prose_on_stderr(alice: Person, site: Site) -> None:
    ran = alice.types("--json", "show", "validaton")

    told = json.loads(ran.out)
    assert ran.code == 5
    assert told["error"] == "PHASE_UNKNOWN"
    assert set(told) == {"error", "message", "next", "help"}
    assert ran.err.startswith("error[PHASE_UNKNOWN]: there is no phase 'validaton'")


def test_an_error_of_usage_is_a_json_document_too(alice: Person, site: Site) -> None:
    ran = alice.types("show", "--json", "--nonsense")

    assert ran.code == 2
    assert json.loads(ran.out)["error"] == "USAGE"
