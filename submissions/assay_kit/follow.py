"""Waits for a submission to end, and says what its end means for the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assay_kit.client import Client
from assay_kit.deadline import Deadline
from assay_kit.errors import ExitCode, WaitedTooLong
from evaluators.contract.api import SubmissionOut
from evaluators.contract.states import FINAL, EvaluationState

#: seconds between two questions while it runs, and while it stands in a queue
RUNNING_EVERY = 2.0
QUEUED_EVERY = 10.0
#: a queue is looked at often at first: on an idle site the run starts within seconds
QUEUED_OFTEN = 15


def is_final(submission: SubmissionOut) -> bool:
    """Whether nothing will change any more. A state of a newer site counts as live."""
    return submission.state in {state.value for state in FINAL}


def answer(submission: SubmissionOut) -> ExitCode:
    """0 live or scored, 1 failed or cancelled, 7 when we broke it."""
    if submission.state == EvaluationState.PLATFORM_ERROR:
        return ExitCode.OURS
    if submission.state in {EvaluationState.FAILED, EvaluationState.CANCELLED}:
        return ExitCode.NO
    return ExitCode.DONE


def follow(
    *, client: Client, first: SubmissionOut, deadline: Deadline, pause: Callable[[float], None] | None = None
) -> Iterator[SubmissionOut]:
    """The submission as it stands, again and again, until it is final. Raises WaitedTooLong."""
    current = first
    asked = 0
    sleep = pause or deadline.sleep
    while True:
        yield current
        if is_final(current):
            return
        queued = current.state == EvaluationState.QUEUED
        sleep(QUEUED_EVERY if queued and asked >= QUEUED_OFTEN else RUNNING_EVERY)
        try:
            deadline.check(doing=f"{current.id} to end")
            current = client.submission(current.id)
        except WaitedTooLong as error:
            error.next = f"it goes on: assay status {current.id} --wait"
            raise
        asked = asked + 1 if queued else 0
