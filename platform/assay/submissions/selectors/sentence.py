"""The state of a submission in one sentence: the same words on the page, in the API and in the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from assay.evaluations.models import Evaluation
from assay.submissions.models import Submission
from evaluators.contract.failures import HELP, MAX_ATTEMPTS, FailureNote
from evaluators.contract.states import LEASED, EvaluationState


def state_sentence(submission: Submission, *, position: int | None = None) -> str:
    """What is happening, or what came of it. position: place in line of a queued one, where it is known."""
    told = _state(submission, position=position)
    return told if submission.refunded_at is None else f"{told} Refunded: it does not count against the quota."


def _state(submission: Submission, *, position: int | None) -> str:
    evaluation = submission.evaluation
    if submission.withdrawn_at is not None and evaluation.state == EvaluationState.SCORED:
        return "Withdrawn: it does not stand on the board."
    if evaluation.cancel_requested_at is not None and evaluation.state in LEASED:
        return "Cancelling: it is stopped within a minute."
    if evaluation.state == EvaluationState.QUEUED:
        return _queued(evaluation, position=position)
    return _SENTENCES[EvaluationState(evaluation.state)](evaluation)


def case_failures(evaluation: Evaluation) -> dict[str, int]:
    """Code -> number of cases, most frequent first."""
    counts = Counter(outcome["code"] for outcome in evaluation.outcomes if outcome)
    return dict(counts.most_common())


def _queued(evaluation: Evaluation, *, position: int | None) -> str:
    if evaluation.attempt > 0:
        return f"Ours: attempt {evaluation.attempt + 1} of {MAX_ATTEMPTS} starts by itself, nothing is counted."
    return "Queued." if position is None else f"Queued: {_ordinal(position)} in line."


def _running(evaluation: Evaluation) -> str:
    present, expected = evaluation.progress.get("files_present"), evaluation.progress.get("files_expected")
    if present is None or expected is None:
        return "Running."
    return f"Running: files present {present} of {expected}."


def _scored(evaluation: Evaluation) -> str:
    total = len(evaluation.outcomes)
    failures = case_failures(evaluation)
    failed = sum(failures.values())
    if not failed:
        return f"Scored: {total} of {total} cases."
    plural = "s" if failed > 1 else ""
    listed = ", ".join(
        f"{code} {count} of {total}{_first_detail(evaluation, code=code)}" for code, count in failures.items()
    )
    return f"Scored with {failed} case failure{plural}: {listed}."


def _first_detail(evaluation: Evaluation, *, code: str) -> str:
    """What was found in the first such file. Result files came from the team's own hands: of a container's on hidden data the code
    alone is told.
    """
    if evaluation.predictions_id is None:
        return ""
    detail = next(outcome.get("detail", "") for outcome in evaluation.outcomes if outcome and outcome["code"] == code)
    return f" ({detail})" if detail else ""


def _why(evaluation: Evaluation) -> str:
    code = FailureNote.model_validate(evaluation.failure).code
    sentence = HELP[code].sentence
    return f"{code} – {sentence[0].lower()}{sentence[1:]}"


def _failed(evaluation: Evaluation) -> str:
    return f"Failed: {_why(evaluation)}"


def _platform_error(evaluation: Evaluation) -> str:
    return f"Ours: {_why(evaluation)} All {MAX_ATTEMPTS} attempts are used up, nothing is counted."


def _cancelled(evaluation: Evaluation) -> str:
    if evaluation.predictions_id is not None:
        return "Cancelled before it was scored."
    return "Cancelled before it ran." if evaluation.started_at is None else "Cancelled while it ran."


def _preparing(evaluation: Evaluation) -> str:
    what = "image" if evaluation.predictions_id is None else "result files"
    return f"Preparing: {what} and data are brought to the evaluator."


def _scoring(evaluation: Evaluation) -> str:
    return f"Scoring: {_reported(evaluation)} of {len(evaluation.outcomes)} cases."


def _reported(evaluation: Evaluation) -> int:
    return sum(outcome is not None for outcome in evaluation.outcomes)


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in {11, 12, 13} else endings.get(number % 10, "th")
    return f"{number}{ending}"


_SENTENCES: Mapping[EvaluationState, Callable[[Evaluation], str]] = MappingProxyType(
    {
        EvaluationState.PREPARING: _preparing,
        EvaluationState.RUNNING: _running,
        EvaluationState.SCORING: _scoring,
        EvaluationState.SCORED: _scored,
        EvaluationState.FAILED: _failed,
        EvaluationState.PLATFORM_ERROR: _platform_error,
        EvaluationState.CANCELLED: _cancelled,
    }
)
