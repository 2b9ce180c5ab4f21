"""What worker and scorer container say to each other: one JSON document on stdin, one JSON document a line on stdout."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.contract.cases import JobCase
from evaluators.contract.failures import FailureNote
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.scores import CaseResult
from evaluators.contract.tasks import TaskSpec

_STRICT = ConfigDict(frozen=True, extra="forbid")

#: exit code of a scorer that found the dataset itself at fault (DATA); any other code but 0 is SCORER
EXIT_DATASET = 3


class ScorerBudget(BaseModel):
    """What a scorer may spend. A reader that asks for more is stopped, and its case is BAD_FORMAT."""

    model_config = _STRICT

    cores: int = Field(default=2, ge=1, description="so many processes score different cases at once; one case has all")
    memory: int | None = Field(
        default=None, ge=1, description="bytes that all of them together may ask for beyond their start; None: any"
    )
    reading: float = Field(default=60.0, gt=0, description="seconds that reading one file may take")


class ScorerJob(BaseModel):
    """The one line on stdin. The key is nowhere else: not in the environment, not on a disk, not in an error's text."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    task: TaskSpec
    cases: tuple[JobCase, ...] = Field(description="those still to be scored: a restarted scorer gets the rest")
    key: str | None = Field(repr=False, description="the dataset's key in hex; None when the references lie open")
    manifest: dict[str, ArchivedFile | FailureNote] = Field(
        description="path below /output -> its copy, or why there is none; a path that is not named is a missing file"
    )
    budget: ScorerBudget = ScorerBudget()


class ScorerLine(BaseModel):
    """One line on stdout: exactly one of the four. Cases that are scored at once interleave their lines.

    The scorer outlives the end of one of its processes, and itself says BAD_FORMAT of a file that broke a reader. Where it
    ends or hangs as a whole, the cases with `reading: i` and no `read: i` behind it are suspects, and are scored one at a
    time: a case that is alone in it then is BAD_FORMAT. Anywhere else it is ours: SCORER, or DATA with EXIT_DATASET.
    """

    model_config = _STRICT

    reading: int | None = Field(default=None, description="a file of this case is about to be opened")
    read: int | None = Field(default=None, description="and is closed again")
    result: CaseResult | None = None
    done: bool | None = Field(default=None, description="every case of the job has its result")

    @model_validator(mode="after")
    def _one(self) -> ScorerLine:
        said = [self.reading, self.read, self.result, self.done]
        if sum(part is not None for part in said) != 1:
            raise ValueError("a line says exactly one of reading, read, result, done")
        return self

    def line(self) -> str:
        """The JSON text, without a newline inside or behind it."""
        return self.model_dump_json(exclude_none=True)
