"""A submission in the API's form. What a hidden phase measured is rounded: exact times and sizes are a way out for data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from uuid import UUID

from assay.config.site import absolute
from assay.evaluations.models import Evaluation
from assay.evaluations.selectors import queue_positions
from assay.submissions.models import Submission
from assay.submissions.selectors.sentence import case_failures, state_sentence
from evaluators.contract.api import CaseCount, SubmissionOut
from evaluators.contract.failures import FailureNote
from evaluators.contract.states import EvaluationState

_TENTH_OF_GIB = 2**30 / 10


def describe(submission: Submission, *, duplicate: bool = False) -> SubmissionOut:
    """One submission. Whether the reader may see it is the caller's question (see access.py)."""
    return _message(submission, positions=_positions([submission]), duplicate=duplicate)


def describe_all(submissions: Iterable[Submission]) -> list[SubmissionOut]:
    """Many, with two queries more than reading them."""
    listed = list(submissions)
    positions = _positions(listed)
    return [_message(submission, positions=positions, duplicate=False) for submission in listed]


def rounded_seconds(seconds: float | None, *, hidden: bool) -> float | None:
    """Whole seconds where the data are hidden."""
    return float(round(seconds)) if seconds is not None and hidden else seconds


def rounded_memory(memory: int | None, *, hidden: bool) -> int | None:
    """Bytes, rounded up to a step of 0.1 GiB where the data are hidden. 0 is a run too short to be looked at: no figure."""
    if not memory:
        return None
    return round(ceil(memory / _TENTH_OF_GIB) * _TENTH_OF_GIB) if hidden else memory


def _positions(submissions: Iterable[Submission]) -> Mapping[UUID, int]:
    waiting = [one.evaluation for one in submissions if one.evaluation.state == EvaluationState.QUEUED]
    return queue_positions(evaluation.hardware for evaluation in waiting)


def _message(submission: Submission, *, positions: Mapping[UUID, int], duplicate: bool) -> SubmissionOut:
    evaluation = submission.evaluation
    hidden = not evaluation.dataset.is_public
    # of an ended run what was measured at its end, else what the last heartbeat said
    told = evaluation.run or evaluation.progress
    # nothing is run where result files were entered
    measured = told if submission.predictions is None else {}
    failures = case_failures(evaluation)
    failed = sum(failures.values())
    return SubmissionOut(
        id=submission.code,
        url=absolute(f"/s/{submission.code}"),
        team=submission.team.slug,
        method=submission.method,
        baseline=submission.is_baseline,
        phase=submission.phase.address,
        state=evaluation.state,
        sentence=state_sentence(submission, position=positions.get(evaluation.pk)),
        received_at=submission.received_at,
        attempt=evaluation.attempt,
        failure=_failure(evaluation, hidden=hidden),
        case_failures=failures,
        files_present=told.get("files_present"),
        files_expected=told.get("files_expected"),
        cases=CaseCount(
            scored=sum(outcome is not None for outcome in evaluation.outcomes) - failed,
            failed=failed,
            total=len(evaluation.outcomes),
        ),
        seconds=rounded_seconds(measured.get("seconds"), hidden=hidden),
        peak_memory=rounded_memory(measured.get("peak_memory", measured.get("memory")), hidden=hidden),
        config_digest=None if submission.image is None else submission.image.config_digest,
        predictions=None if submission.predictions is None else submission.predictions.sha256,
        card=submission.card,
        duplicate=duplicate,
    )


def _failure(evaluation: Evaluation, *, hidden: bool) -> FailureNote | None:
    if evaluation.failure is None:
        return None
    note = FailureNote.model_validate(evaluation.failure)
    # an exit code is chosen by the container: eight bits a run about data that it should keep to itself; an archive came from
    # the team's own hands
    return FailureNote(code=note.code) if hidden and evaluation.predictions_id is None else note
