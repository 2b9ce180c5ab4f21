"""What the worker and a container in per_case mode say to each other: one JSON document a line, a question and its answer.

The container lives through many cases. The files of a case lie below /input from the moment its line comes on stdin until
the next one comes. The container writes /output/<output>, closes the file, and answers `{"done": 1}` on stdout, where nothing
else may be printed; stderr is free. Types are strict: `"1"`, `1.0` and `true` are no 1. Who closes stdout can answer no more, and
has failed. A file that is changed after its answer counts as missing. The first case is the warm-up: its time is not counted.
After the last answer the container is killed.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class CaseQuestion(BaseModel):
    """A line on stdin."""

    model_config = _STRICT

    case: int = Field(ge=1, description="1, 2, 3 … in the life of this container; the answer repeats it")
    inputs: tuple[str, ...] = Field(description="paths below /input, in the order of the layout")
    output: str = Field(description="path below /output that is to be written")

    def line(self) -> str:
        """The JSON text, without a newline inside or behind it."""
        return self.model_dump_json()


class CaseAnswer(BaseModel):
    """A line on stdout."""

    model_config = _STRICT

    done: int = Field(ge=1)
