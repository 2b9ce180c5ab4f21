"""What challenges refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.challenges.marked_yaml import Mark
from assay.config.errors import Invalid, NotAllowed, NotFound

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a challenge file, where, and what to do."""

    at: Mark
    message: str
    fix: str = ""

    def line(self, filename: str) -> str:
        """`file:line:column message, fix`"""
        return f"{filename}:{self.at.line}:{self.at.column} {self.message}" + (f", {self.fix}" if self.fix else "")


class ChallengeFileRefused(Invalid):
    """The challenge file has mistakes; nothing was changed."""

    code = "CHALLENGE_FILE"
    hint = "Mend the lines named above and apply the file again: nothing was changed."

    def __init__(self, *, filename: str, problems: Sequence[Problem]) -> None:
        """problems: at least one; told in the order of the file."""
        self.problems = tuple(sorted(problems, key=lambda problem: problem.at))
        lines = [problem.line(filename) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"and {len(self.problems) - _SHOWN} more")
        super().__init__("\n".join(lines))


class NotYourChallenge(NotAllowed):
    """This challenge is organised by others."""

    code = "NOT_YOUR_CHALLENGE"
    hint = "Ask one of its organisers to add you to `organisers:` and apply the file."


class PhaseUnknown(NotFound):
    """There is no such phase."""

    code = "PHASE_UNKNOWN"
    hint = "List the addresses with `assay phases`."
