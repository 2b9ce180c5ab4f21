"""A whole job on several cores: hands out cases, relays what is said of them, replaces a process that a file has ended."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from pathlib import Path

from evaluators.contract.failures import CaseFailure, FailureNote
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.scoring.errors import DatasetFault, ScorerFault
from evaluators.scoring.member import Member
from evaluators.scoring.process import Work
from evaluators.scoring.verdict import Verdict


def score_job(*, job: ScorerJob, outputs: Path, references: Path, tell: Callable[[ScorerLine], None]) -> None:
    """A result for every case of the job, in the order in which they are ready; `done` is told last.

    At most job.budget.cores cases are in memory at once. Raises DatasetFault or ScorerFault, when the cases in hand are
    finished.
    """
    crew = _Crew(work=Work(job=job, outputs=outputs, references=references), tell=tell)
    crew.score(range(len(job.cases)), processes=min(job.budget.cores, len(job.cases)))
    for position in tuple(crew.alone):
        crew.score([position], processes=1)
    tell(ScorerLine(done=True))


class _Crew:
    """`alone` collects the positions of cases that ended for want of memory beside another."""

    def __init__(self, *, work: Work, tell: Callable[[ScorerLine], None]) -> None:
        self._work = work
        self._tell = tell
        self._members: list[Member] = []
        self._waiting: deque[int] = deque()
        self._fault: DatasetFault | ScorerFault | None = None
        self.alone: list[int] = []

    def score(self, positions: Iterable[int], *, processes: int) -> None:
        """Each once, `processes` of them at a time. Raises DatasetFault or ScorerFault."""
        self._waiting.extend(positions)
        try:
            while True:
                if self._fault is None:
                    self._hand_out(processes)
                busy = [member for member in self._members if member.case is not None]
                if not busy:
                    break
                first = min(member.late_at for member in busy) - time.monotonic()
                ready = wait([member.link for member in busy], timeout=None if first == float("inf") else max(first, 0))
                for member in busy:
                    if member.link in ready:
                        self._hear(member)
                for member in self._members:
                    if member.late_at < time.monotonic():
                        member.stop_reading()
            if self._fault is not None:
                raise self._fault
        finally:
            while self._members:
                self._members.pop().kill()

    def _hand_out(self, processes: int) -> None:
        while self._waiting:
            free = next((member for member in self._members if member.case is None), None)
            if free is None and len(self._members) < processes:
                memory = self._work.job.budget.memory
                free = Member(
                    work=self._work,
                    memory=None if memory is None else memory // processes,
                    alone=processes == 1,
                    others=self._members,
                )
                self._members.append(free)
            if free is None:
                return
            free.give(self._waiting.popleft())

    def _hear(self, member: Member) -> None:
        line = member.hear()
        if line is not None:
            self._tell(line)
            return
        self._members.remove(member)
        ending, position = member.ending(), member.position
        case = self._work.job.cases[position].index
        sys.stderr.write(f"case {case}: its process {ending.words()}\n")
        verdict = ending.verdict()
        if verdict is Verdict.BAD_FORMAT:
            note = FailureNote(code=CaseFailure.BAD_FORMAT, detail=ending.words())
            self._tell(ScorerLine(result=CaseResult(case=case, failure=note)))
        elif verdict is Verdict.ALONE:
            self.alone.append(position)
        elif verdict is Verdict.DATASET:
            self._fault = DatasetFault(f"case {case}")
        else:
            self._fault = self._fault or ScorerFault(f"case {case}: a process {ending.words()}")
