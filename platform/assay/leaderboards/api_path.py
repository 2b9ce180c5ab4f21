"""A board's address as the API has it."""

from __future__ import annotations

from ninja import Schema


class BoardPath(Schema):
    """challenge/task/phase as three parts of an address."""

    challenge: str
    task: str
    phase: str

    @property
    def address(self) -> str:
        """As one word."""
        return f"{self.challenge}/{self.task}/{self.phase}"
