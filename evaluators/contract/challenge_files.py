"""What a challenge file is told to the site, and what the site says of it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(extra="forbid")


class ChallengeIn(BaseModel):
    """POST /challenges/apply"""

    model_config = _STRICT

    yaml: str = Field(max_length=400_000)
    filename: str = "challenge.yaml"
    base: str | None = Field(
        default=None,
        max_length=64,
        description="`base` of the diff that was looked at; another one standing answers 409",
    )
    confirm: str | None = Field(
        default=None, max_length=80, description="the challenge's name, where teams that take part lose something"
    )


class ChallengeOut(BaseModel):
    """What `apply` did: addresses with `created`, `changed`, `same` or `gone`."""

    challenge: str
    changes: dict[str, str]
    url: str


class FileProblem(BaseModel):
    """One thing that is wrong with a file. Lines and columns count from 1."""

    line: int
    column: int
    message: str
    fix: str = ""
    warning: bool = Field(default=False, description="it stands in nobody's way")

    def told(self, filename: str) -> str:
        """`file:line:column message, fix`"""
        grave = "warning: " if self.warning else ""
        return f"{filename}:{self.line}:{self.column} {grave}{self.message}" + (f", {self.fix}" if self.fix else "")


class LintOut(BaseModel):
    """POST /challenges/lint: in the order of the file; empty: it could be applied now."""

    problems: list[FileProblem]


class DifferenceOut(BaseModel):
    """One value that is not the same; null: it is not there."""

    path: str = Field(description="such as tasks[cine].phases[test].quota.submissions")
    before: str | None
    after: str | None


class DiffOut(BaseModel):
    """POST /challenges/diff: the file beside what stands on the site."""

    challenge: str
    base: str = Field(description="names what stands; send it to apply, so that nothing else is overwritten")
    differences: list[DifferenceOut]
    only_layout: bool = Field(description="comments or layout differ, and nothing else")
    losses: list[str] = Field(description="what teams that take part would lose; apply wants `confirm` then")
    warnings: list[FileProblem]


class ChallengeFileOut(BaseModel):
    """GET /challenges/{challenge}/file: the file as it was applied."""

    challenge: str
    yaml: str
    base: str
