"""What the scorer says of a case, and what a run left behind."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.contract.datasets import SHA256
from evaluators.contract.failures import FailureNote

_STRICT = ConfigDict(frozen=True, extra="forbid")

Finite = Annotated[float, Field(allow_inf_nan=False)]


class CaseResult(BaseModel):
    """Facts about one case: a value for every metric of the task, or one typed failure."""

    model_config = _STRICT

    case: int = Field(ge=0, description="position in the dataset version")
    values: dict[str, Finite] = Field(default_factory=dict)
    failure: FailureNote | None = None

    @model_validator(mode="after")
    def _either(self) -> CaseResult:
        if bool(self.values) == (self.failure is not None):
            raise ValueError("a case has either values or a failure")
        return self


class RunFacts(BaseModel):
    """Measured from outside while and after the container ran. Of result files nothing ran: 0 s, no memory."""

    model_config = _STRICT

    output_digest: str = Field(pattern=SHA256, description="over path, size and hash of every archived file")
    files_present: int = Field(ge=0)
    files_expected: int = Field(ge=0)
    seconds: float = Field(ge=0)
    peak_memory: int | None = Field(default=None, ge=0, description="bytes, page cache and tmpfs included")
    output_bytes: int = Field(ge=0)
    case_seconds: dict[int, Annotated[float, Field(ge=0, allow_inf_nan=False)]] | None = Field(
        default=None,
        description="of per_case mode: case index -> seconds from its question to its answer; the warm-up case is not in it, "
        "a case without an answer counts its whole time limit",
    )
    provenance: dict[str, str] = Field(
        default_factory=dict, description="engine, kernel, scorer image, GPU, driver ..."
    )
