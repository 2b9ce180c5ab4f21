"""Failure codes: an API, each with a sentence that a team can act on."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evaluators.contract.failures import HELP, CaseFailure, FailureNote, PlatformFailure, RunFailure, is_platform

CODES = sorted({code.value for kind in (RunFailure, CaseFailure, PlatformFailure) for code in kind})


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_a_cause_and_what_to_do(code: str) -> None:
    words = HELP[code]
    assert words.sentence.endswith(".")
    assert words.causes.endswith(".")
    assert len(words.fix) > 10


def test_no_help_is_left_without_its_code() -> None:
    assert sorted(HELP) == CODES


def test_whose_fault_it_is() -> None:
    assert {code for code in CODES if is_platform(code)} == {code.value for code in PlatformFailure}


def test_a_note_is_short_and_closed() -> None:
    with pytest.raises(ValidationError):
        FailureNote(code="BAD_SHAPE", detail="x" * 401)
    with pytest.raises(ValidationError):
        FailureNote(code="BAD_SHAPE", log="text of the container")  # type: ignore[call-arg]
