"""A scoring process as its parent holds it: what it was given, what it says, how it ended."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from pydantic import ValidationError

from evaluators.contract.cases import JobCase
from evaluators.contract.scorer import ScorerLine
from evaluators.scoring.process import Work, serve
from evaluators.scoring.verdict import Ending

#: fork: the libraries and kernels that the parent has loaded are there at once, and held once
_FORK = multiprocessing.get_context("fork")
#: seconds for a process that has closed its link to be gone
_PATIENCE = 5.0
_LONGEST_LINE = 2**20


class Member:
    """One process. `case` at `position` is what it has in hand; reading must end at `late_at` (inf: no file is open)."""

    def __init__(self, *, work: Work, memory: int | None, alone: bool, others: Sequence[Member]) -> None:
        self._work = work
        self._alone = alone
        self.link: Connection
        self.link, theirs = _FORK.Pipe()
        self._process = _FORK.Process(
            target=serve,
            kwargs={
                "work": work,
                "link": theirs,
                "memory": memory,
                "not_ours": [self.link, *(other.link for other in others)],
            },
        )
        self._process.start()
        theirs.close()
        self.case: JobCase | None = None
        self.position = -1
        self.late_at = float("inf")
        self._late = False

    def give(self, position: int) -> None:
        """The next case, by its position in the job."""
        self.position, self.case = position, self._work.job.cases[position]
        with suppress(BrokenPipeError):  # it has ended: `hear` says so
            self.link.send_bytes(str(position).encode())

    def hear(self) -> ScorerLine | None:
        """What it says about its case; None: it has ended, or said what it may not say."""
        try:
            line = ScorerLine.model_validate_json(self.link.recv_bytes(_LONGEST_LINE))
        except (EOFError, OSError, ValidationError):
            return None
        about = line.result.case if line.result else line.reading if line.reading is not None else line.read
        if self.case is None or about != self.case.index:
            return None
        if line.reading is not None:
            self.late_at = time.monotonic() + self._work.job.budget.reading
        else:
            self.late_at = float("inf")
        if line.result:
            self.case = None
        return line

    def stop_reading(self) -> None:
        """Its file took too long."""
        self._late = True
        self._process.kill()

    def ending(self) -> Ending:
        """How it ended; one that only broke off is ended here."""
        self._process.join(_PATIENCE)
        code = self._process.exitcode
        self.kill()
        return Ending(exit_code=code, reading=self.late_at < float("inf"), late=self._late, alone=self._alone)

    def kill(self) -> None:
        """It is gone when this returns."""
        self._process.kill()
        self._process.join()
        self.link.close()
