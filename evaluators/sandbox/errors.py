"""What can go wrong with the engine itself, or with what a team sent before anything runs."""

from __future__ import annotations

from evaluators.contract.failures import FailureNote, PlatformFailure, RunFailure


class EngineFailure(RuntimeError):
    """Ours: the engine, its disk or one of our own containers did not do what it was asked. The worker tries again."""

    @property
    def note(self) -> FailureNote:
        """As it is reported."""
        return FailureNote(code=PlatformFailure.ENGINE, detail=str(self)[:400])


class TeamsFailure(ValueError):
    """What the team sent cannot be used. `detail` is in our own words, never taken from the archive."""

    def __init__(self, *, code: RunFailure, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

    @property
    def note(self) -> FailureNote:
        """As it is reported."""
        return FailureNote(code=self.code, detail=self.detail[:400])


class LoadFailure(TeamsFailure):
    """Its image."""


class UnpackFailure(TeamsFailure):
    """Its archive of result files."""
