"""How an importer says what is wrong with the files it was given: every bad file at once, nothing imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class BadFile(Exception):
    """One file is not what its place asks for."""

    def __init__(self, *, wanted: str, found: str, variable: str | None = None) -> None:
        super().__init__(f"wanted {wanted}, found {found}")
        self.wanted = wanted
        self.found = found
        self.variable = variable

    def at(self, path: str) -> Problem:
        """The same, with the file's place."""
        return Problem(path=path, variable=self.variable, wanted=self.wanted, found=self.found)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One file that cannot be taken."""

    #: relative to the folder that was given
    path: str
    wanted: str
    found: str
    #: which variable of the file, where it is one
    variable: str | None = None

    def __str__(self) -> str:
        place = self.path if self.variable is None else f"{self.path} ({self.variable})"
        return f"{place}: wanted {self.wanted}, found {self.found}"


class ImportProblems(Exception):
    """Nothing was imported; `problems` names every bad file at once."""

    def __init__(self, *, problems: Sequence[Problem], good: int) -> None:
        self.problems = tuple(problems)
        self.good = good
        bad = len({problem.path for problem in problems})
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"{lines}\n{good} files good, {bad} bad, nothing imported")
