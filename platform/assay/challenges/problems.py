"""What is wrong with a challenge file, told with its place. Pure: the team's kit reads files with it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.challenges.marked_yaml import Mark


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a challenge file, where, and what to do."""

    at: Mark
    message: str
    fix: str = ""
    #: a warning stands in nobody's way
    warning: bool = False

    def line(self, filename: str) -> str:
        """`file:line:column message, fix`"""
        grave = "warning: " if self.warning else ""
        return f"{filename}:{self.at.line}:{self.at.column} {grave}{self.message}" + (
            f", {self.fix}" if self.fix else ""
        )


class FileFaults(ValueError):
    """A challenge file that cannot stand."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """problems: at least one; kept in the order of the file."""
        self.problems = tuple(sorted(problems, key=lambda problem: problem.at))
        super().__init__(f"{len(self.problems)} problems")
