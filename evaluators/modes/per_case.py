"""Per case: one container lives through the cases and gets them one at a time, so that each has its own time and limit.

The dataset's first case is the warm-up of every container: its answer is scored, its time is not counted. So every method is
timed over the same cases. A case that ends its container, or is over its time, fails alone; a fresh container, warmed up again,
gets the rest. All of it must fit into the wall limit of the run.

An answer stands for a file that is finished: one that is written or moved into its place later counts as missing, else the work
could be done in time that nobody counts. A case without a file costs its whole time, as one without an answer does.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from evaluators.contract.cases import JobCase
from evaluators.contract.failures import CaseFailure, FailureNote, RunFailure
from evaluators.contract.jobs import Job
from evaluators.contract.limits import Limits
from evaluators.contract.outputs import output_digest
from evaluators.contract.per_case import CaseAnswer, CaseQuestion
from evaluators.modes.driven import Driven
from evaluators.sandbox.failure import failure_of
from evaluators.sandbox.interface import (
    Archive,
    Heard,
    ImageInfo,
    Owner,
    RunOutcome,
    RunRequest,
    Sandbox,
    Talk,
    Turn,
)

#: what pydantic finds wrong with an answer -> in words
_FAULTS = {
    "json_invalid": "it is no JSON",
    "model_type": "it is no JSON object",
    "missing": "`done` is missing",
    "extra_forbidden": "it says more than `done`",
    "int_type": "`done` is not written as a whole number",
}


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Progress after each answer: cases with an answer, seconds since the start, bytes in use."""

    cases: int
    seconds: float
    memory: int | None


class _RunEnds(Exception):
    """The run is over before every case has had its turn. failure: None leaves it to what was measured, or to a cancel."""

    def __init__(self, failure: FailureNote | None) -> None:
        super().__init__()
        self.failure = failure


def drive(
    *,
    sandbox: Sandbox,
    owner: Owner,
    job: Job,
    image: ImageInfo,
    input_folder: Path,
    lay_out: Callable[[JobCase], None],
    store: Path,
    gpu_uuids: Sequence[str],
    progress: Callable[[Answered], None],
    cancelled: Callable[[], bool],
    log_bytes: int = 0,
) -> Driven:
    """Ask for every case, destroy the container, and archive what it wrote into `store`.

    lay_out: puts the files of a case into `input_folder`, and takes those of the one before away. log_bytes: how much of its
    stderr is kept, from the end; none of a hidden phase.
    """
    expected = [case.output for case in job.cases]
    with sandbox.output_volume(owner=owner, limits=job.limits) as output:
        request = RunRequest(
            image=image,
            limits=job.limits,
            input_folder=input_folder,
            output=output,
            expected=expected,
            gpu_uuids=gpu_uuids,
            log_bytes=log_bytes,
        )
        if not image.has_command:
            outcome = sandbox.run(owner=owner, request=request)
            return Driven(outcome=outcome, failure=failure_of(outcome=outcome, limits=job.limits), archive=None)
        session = _Session(job=job, lay_out=lay_out, progress=progress)
        ended: FailureNote | None = None
        try:
            while session.waiting or not session.lives:
                with sandbox.talk(owner=owner, request=request, cancelled=cancelled) as talk:
                    session.live(talk)
        except _RunEnds as end:
            ended = end.failure
        outcome = session.outcome()
        failure = ended or failure_of(outcome=outcome, limits=job.limits)
        if outcome.cancelled or failure is not None:
            return Driven(outcome=outcome, failure=None if outcome.cancelled else failure, archive=None)
        archive = sandbox.archive(
            owner=owner, output=output, expected=expected, store=store, max_file_bytes=job.limits.output
        )
    archive = _without(archive, failures={**_late(archive, answered=session.answered), **session.failures})
    session.charge(archive.failures)
    return Driven(
        outcome=outcome,
        failure=None,
        archive=archive,
        case_seconds=session.seconds,
    )


@dataclass(kw_only=True)
class _Session:
    """What is known of the cases, over all containers that a run takes."""

    job: Job
    lay_out: Callable[[JobCase], None]
    progress: Callable[[Answered], None]
    #: in the order of the drawn names, which says nothing of the dataset's
    waiting: deque[JobCase] = field(init=False)
    seconds: dict[int, float] = field(default_factory=dict, init=False)
    #: path below /output -> when its answer was heard, unix seconds
    answered: dict[str, float] = field(default_factory=dict, init=False)
    #: path below /output -> why the case failed
    failures: dict[str, FailureNote] = field(default_factory=dict, init=False)
    lives: list[RunOutcome] = field(default_factory=list, init=False)
    _started: float = field(default_factory=time.monotonic, init=False)

    def __post_init__(self) -> None:
        self.waiting = deque(sorted(self.job.cases[1:], key=lambda case: case.output))

    def live(self, talk: Talk) -> None:
        """One container, until it ends or every case has had its turn. Raises _RunEnds."""
        try:
            self._warm_up(talk)
            number = 1
            while self.waiting:
                number += 1
                if not self._next(talk, number=number):
                    break
        finally:
            self.lives.append(talk.end())

    def outcome(self) -> RunOutcome:
        """All containers as one run: a single case's end is not the run's."""
        peaks = [life.peak_memory for life in self.lives if life.peak_memory is not None]
        return replace(
            self.lives[-1],
            exit_code=0,
            oom_killed=False,
            seconds=sum(life.seconds for life in self.lives),
            log="".join(life.log for life in self.lives),
            peak_memory=max(peaks, default=None),
        )

    def charge(self, failed: Collection[str]) -> None:
        """Give the timed cases of these outputs their whole time."""
        for case in self.job.cases[1:]:
            if case.output in failed:
                self.seconds[case.index] = self._allowed

    @property
    def _allowed(self) -> float:
        """Seconds that a case may take."""
        return float(self.job.limits.case_time or self.job.limits.time)

    def _warm_up(self, talk: Talk) -> None:
        first = self.job.cases[0]
        turn = self._ask(talk, first, number=1, seconds=self._left())
        if turn.heard is Heard.TIMED_OUT:
            raise _RunEnds(_out_of_time(self.job.limits))
        if turn.heard is Heard.ENDED:
            outcome = talk.end()
            note = FailureNote(code=RunFailure.PROTOCOL, detail="it ended before its first answer")
            raise _RunEnds(failure_of(outcome=outcome, limits=self.job.limits) or note)
        self._check(turn, number=1)
        self._tell(talk)

    def _next(self, talk: Talk, *, number: int) -> bool:
        """One timed case; whether the container lives on. Raises _RunEnds."""
        case, limits, allowed = self.waiting.popleft(), self.job.limits, self._allowed
        left = self._left()
        turn = self._ask(talk, case, number=number, seconds=min(allowed, left))
        if turn.heard in {Heard.TIMED_OUT, Heard.ENDED}:
            if turn.heard is Heard.TIMED_OUT and left < allowed:
                raise _RunEnds(_out_of_time(limits))
            self.failures[case.output] = self._why(talk, turn)
            # never cheaper than an answer
            self.seconds[case.index] = allowed
            return False
        self._check(turn, number=number)
        self.seconds[case.index] = turn.seconds
        self._tell(talk)
        return True

    def _why(self, talk: Talk, turn: Turn) -> FailureNote:
        limits = self.job.limits
        if turn.heard is Heard.TIMED_OUT:
            return FailureNote(code=CaseFailure.TIMEOUT, detail=f"no answer in its {limits.case_time} s")
        note = failure_of(outcome=talk.end(), limits=limits)
        if note is not None and note.code == RunFailure.OUTPUT_TOO_LARGE:
            raise _RunEnds(note)
        if note is not None and note.code in {RunFailure.OOM_RAM, RunFailure.EXIT_CODE}:
            return note
        return FailureNote(code=CaseFailure.EXIT_CODE, detail="it ended before its answer")

    def _ask(self, talk: Talk, case: JobCase, *, number: int, seconds: float) -> Turn:
        if seconds <= 0:
            raise _RunEnds(_out_of_time(self.job.limits))
        self.lay_out(case)
        question = CaseQuestion(case=number, inputs=tuple(file.path for file in case.inputs), output=case.output)
        turn = talk.ask(question.line(), timeout=seconds)
        self.answered[case.output] = turn.at
        return turn

    def _check(self, turn: Turn, *, number: int) -> None:
        if turn.heard is Heard.CANCELLED:
            raise _RunEnds(None)
        if turn.heard is Heard.CLOSED:
            detail = f"it closed its stdout before its answer to case {number}"
            raise _RunEnds(FailureNote(code=RunFailure.PROTOCOL, detail=detail))
        if turn.heard is Heard.LINE_TOO_LONG:
            raise _RunEnds(FailureNote(code=RunFailure.PROTOCOL, detail=f"a line too long at case {number}"))
        try:
            answer = CaseAnswer.model_validate_json(turn.line)
        except ValidationError as error:
            # what kind of fault, and never a word of the line: it may tell of hidden data
            why = _FAULTS.get(error.errors()[0]["type"], "it has another form")
            detail = f'line {number} of its stdout is not {{"done": {number}}}: {why}'
            raise _RunEnds(FailureNote(code=RunFailure.PROTOCOL, detail=detail)) from None
        if answer.done != number:
            raise _RunEnds(FailureNote(code=RunFailure.PROTOCOL, detail=f"an answer out of turn at case {number}"))

    def _left(self) -> float:
        return self._started + self.job.limits.time - time.monotonic()

    def _tell(self, talk: Talk) -> None:
        answered = 1 + len(self.seconds) - len(self.failures)
        self.progress(
            Answered(cases=answered, seconds=time.monotonic() - self._started, memory=talk.memory),
        )


def _out_of_time(limits: Limits) -> FailureNote:
    return FailureNote(code=RunFailure.TIMEOUT, detail=f"stopped after its {limits.time} s")


def _late(archive: Archive, *, answered: Mapping[str, float]) -> dict[str, FailureNote]:
    """The files that were written, moved or linked after their answer, by the clock of the machine that both run on."""
    note = FailureNote(code=CaseFailure.MISSING_FILE, detail="written or moved there after its answer")
    return {path: note for path, changed in archive.changed.items() if changed > answered[path]}


def _without(archive: Archive, *, failures: dict[str, FailureNote]) -> Archive:
    """The archive less what a case left behind that failed: half a file is none."""
    files = {path: file for path, file in archive.files.items() if path not in failures}
    return replace(archive, files=files, failures={**archive.failures, **failures}, digest=output_digest(files))
