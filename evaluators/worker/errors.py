"""Why an attempt ends early. Each names whose fault it is and what is told to the site."""

from __future__ import annotations

from evaluators.contract.failures import FailureNote, PlatformFailure
from evaluators.contract.scores import RunFacts


class WorkerError(Exception):
    """The root of what the worker raises."""


class SiteUnreachable(WorkerError):
    """The site did not answer, or answered with 5xx: worth another try."""


class SiteRefused(WorkerError):
    """The site understood and said no; `code` is its own word."""

    def __init__(self, *, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class LeaseLost(WorkerError):
    """Another attempt has taken over, or may have: stop, report nothing."""


class CancelRequested(WorkerError):
    """The team or an organiser withdrew the evaluation."""


class RunFailed(WorkerError):
    """The team's: the whole run failed."""

    def __init__(self, *, note: FailureNote, run: RunFacts | None = None) -> None:
        super().__init__(f"{note.code}: {note.detail}")
        self.note = note
        self.run = run


class PlatformFault(WorkerError):
    """Ours: another attempt follows by itself."""

    def __init__(self, *, code: PlatformFailure, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.note = FailureNote(code=code, detail=detail[:400])
