"""Why a file of a container has no array: a typed case failure with facts of our own."""

from __future__ import annotations

from evaluators.contract.failures import CaseFailure, FailureNote


class ReadFailure(Exception):
    """The team's file cannot be taken. `detail` never repeats text from the file."""

    def __init__(self, code: CaseFailure, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

    @property
    def note(self) -> FailureNote:
        """As it is sent and stored."""
        return FailureNote(code=self.code.value, detail=self.detail)
