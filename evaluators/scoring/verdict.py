"""What the end of a scoring process means for the case that it had in hand: a pure function of what was seen."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from enum import StrEnum

from evaluators.contract.scorer import EXIT_DATASET
from evaluators.scoring.process import EXIT_MEMORY


class Verdict(StrEnum):
    """Whose fault it was, or that it is not known yet."""

    #: the team's file
    BAD_FORMAT = "bad format"
    #: it may have been starved by another case: once more, without any other and with all the memory
    ALONE = "alone"
    #: a reference
    DATASET = "dataset"
    #: ours
    SCORER = "scorer"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a process ended."""

    #: as of multiprocessing: negative for a signal; None: it had to be ended because it broke off its own lines
    exit_code: int | None
    #: a file of the container was open
    reading: bool
    #: we killed it because reading took too long
    late: bool
    #: no other case was being scored
    alone: bool

    @property
    def starved(self) -> bool:
        """It was refused memory, or the kernel took it for its memory: nobody else kills with SIGKILL."""
        return self.exit_code == EXIT_MEMORY or (self.exit_code == -signal.SIGKILL and not self.late)

    def verdict(self) -> Verdict:
        """A file is blamed only while it is open; memory is judged only where nothing else took part of it."""
        if self.exit_code == EXIT_DATASET and not self.reading:
            return Verdict.DATASET
        closed_as_we_killed = self.late and not self.reading
        if (self.starved or closed_as_we_killed) and not self.alone:
            return Verdict.ALONE
        return Verdict.BAD_FORMAT if self.reading else Verdict.SCORER

    def words(self) -> str:
        """What happened, without a word from the file."""
        if self.late:
            return "reading did not end in time"
        if self.starved:
            return "took more memory than a case may use"
        if self.exit_code is None:
            return "broke off"
        if self.exit_code < 0:
            return f"stopped by {signal.Signals(-self.exit_code).name}"
        return f"stopped with exit code {self.exit_code}"
