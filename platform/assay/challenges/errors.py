"""What challenges refuse."""

from __future__ import annotations

from collections.abc import Sequence

from assay.challenges.problems import Problem
from assay.config.errors import Invalid, NotAllowed, NotFound, Refused

_SHOWN = 20


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


class ChallengeChanged(Refused):
    """The challenge was changed since you looked; nothing of yours was applied."""

    code = "CHALLENGE_CHANGED"
    status = 409
    hint = "Look at the difference again with `assay challenge diff`, then apply."


class ConfirmNeeded(Refused):
    """This takes something from teams that take part; nothing was applied."""

    code = "CONFIRM_NEEDED"
    status = 409

    def __init__(self, *, challenge: str, losses: Sequence[str]) -> None:
        """losses: what is taken, a sentence each; at least one."""
        super().__init__("\n".join(losses), next=f"If it is meant, say the challenge's name: --confirm {challenge}")


class PhaseStays(Refused):
    """Something hangs on this phase that never goes; nothing was applied."""

    code = "PHASE_STAYS"
    status = 409
    hint = "Put the phase back into the file."


class NotYourChallenge(NotAllowed):
    """This challenge is organised by others."""

    code = "NOT_YOUR_CHALLENGE"
    hint = "Ask one of its organisers to add you to `organisers:` and apply the file."


class PhaseUnknown(NotFound):
    """There is no such phase."""

    code = "PHASE_UNKNOWN"
    hint = "List the addresses with `assay phases`."
