"""The state of a submission in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from assay.evaluations.models import Evaluation
from assay.submissions.models import Submission
from assay.submissions.selectors import state_sentence
from evaluators.contract.failures import HELP, CaseFailure, PlatformFailure, RunFailure
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.scene import NOW

S = EvaluationState
DONE: list[Any] = [{}] * 72


def _sentence(state: EvaluationState, *, position: int | None = None, withdrawn: bool = False, **fields: Any) -> str:
    evaluation = Evaluation(state=state.value, **{"outcomes": [None] * 72, "attempt": 1, **fields})
    return state_sentence(Submission(evaluation=evaluation, withdrawn_at=NOW if withdrawn else None), position=position)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (None, "Queued."),
        (1, "Queued: 1st in line."),
        (2, "Queued: 2nd in line."),
        (3, "Queued: 3rd in line."),
        (4, "Queued: 4th in line."),
        (11, "Queued: 11th in line."),
        (22, "Queued: 22nd in line."),
        (113, "Queued: 113th in line."),
    ],
)
def test_a_waiting_one_says_its_place(position: int | None, words: str) -> None:
    assert _sentence(S.QUEUED, attempt=0, position=position) == words


def test_one_that_we_broke_says_so_and_goes_on_by_itself() -> None:
    assert _sentence(S.QUEUED, attempt=1, position=1) == ("Ours: attempt 2 of 3 starts by itself, nothing is counted.")


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        (S.PREPARING, {}, "Preparing: image and data are brought to the evaluator."),
        (S.RUNNING, {}, "Running."),
        (S.RUNNING, {"progress": {"files_present": 0, "files_expected": 72}}, "Running: files present 0 of 72."),
        (S.RUNNING, {"progress": {"files_present": 44, "files_expected": 72}}, "Running: files present 44 of 72."),
        (S.RUNNING, {"cancel_requested_at": NOW}, "Cancelling: it is stopped within a minute."),
        (S.SCORING, {"outcomes": DONE[:12] + [None] * 60}, "Scoring: 12 of 72 cases."),
        (S.SCORED, {"outcomes": DONE}, "Scored: 72 of 72 cases."),
        (
            S.SCORED,
            {"outcomes": [{"code": "MISSING_FILE"}] * 2 + DONE[2:]},
            "Scored with 2 case failures: MISSING_FILE 2 of 72.",
        ),
        (
            S.SCORED,
            {"outcomes": [{"code": "BAD_SHAPE"}, {"code": "MISSING_FILE"}, {"code": "MISSING_FILE"}, *DONE[3:]]},
            "Scored with 3 case failures: MISSING_FILE 2 of 72, BAD_SHAPE 1 of 72.",
        ),
        (
            S.SCORED,
            {"outcomes": [{"code": "NOT_FINITE"}, *DONE[1:]]},
            "Scored with 1 case failure: NOT_FINITE 1 of 72.",
        ),
        (
            S.FAILED,
            {"failure": {"code": "TIMEOUT"}},
            "Failed: TIMEOUT – the container was still running when its time was up.",
        ),
        (
            S.PLATFORM_ERROR,
            {"failure": {"code": "WORKER_LOST"}},
            "Ours: WORKER_LOST – the worker stopped answering. All 3 attempts are used up, nothing is counted.",
        ),
        (S.CANCELLED, {}, "Cancelled before it ran."),
        (S.CANCELLED, {"started_at": NOW}, "Cancelled while it ran."),
    ],
)
def test_each_state_has_its_words(state: EvaluationState, fields: dict[str, Any], words: str) -> None:
    assert _sentence(state, **fields) == words


def test_a_withdrawn_one_says_that_it_is_off_the_board() -> None:
    assert _sentence(S.SCORED, outcomes=DONE, withdrawn=True) == "Withdrawn: it does not stand on the board."


@pytest.mark.parametrize("code", [*RunFailure, *PlatformFailure])
def test_every_failure_of_a_run_can_be_told(code: str) -> None:
    state = S.FAILED if code in RunFailure.__members__ else S.PLATFORM_ERROR
    assert HELP[code].sentence[1:] in _sentence(state, failure={"code": code})


@pytest.mark.parametrize("code", list(CaseFailure))
def test_every_failure_of_a_case_can_be_told(code: str) -> None:
    assert f"{code} 1 of 72" in _sentence(S.SCORED, outcomes=[{"code": code}, *DONE[1:]])


@pytest.mark.parametrize("state", list(S))
def test_no_state_is_without_a_sentence(state: EvaluationState) -> None:
    assert _sentence(state, failure={"code": "TIMEOUT"}).endswith(".")


def test_of_result_files_the_first_such_file_is_described_and_of_containers_none() -> None:
    """A container could say something of hidden data by it; result files come from the team's own hands."""
    wrong = [{"code": "BAD_SHAPE", "detail": f"found {size} × 20, expected 16 × 20"} for size in (48, 12)]
    outcomes = [*wrong, {"code": "MISSING_FILE", "detail": ""}, *DONE[3:]]
    assert _sentence(S.SCORED, outcomes=outcomes, predictions_id=1) == (
        "Scored with 3 case failures: BAD_SHAPE 2 of 72 (found 48 × 20, expected 16 × 20), MISSING_FILE 1 of 72."
    )
    assert _sentence(S.SCORED, outcomes=outcomes) == (
        "Scored with 3 case failures: BAD_SHAPE 2 of 72, MISSING_FILE 1 of 72."
    )
