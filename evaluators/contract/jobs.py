"""The worker API's messages. Every call carries the contract version and, about an evaluation, the attempt; a stale one gets 409."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import FailureNote
from evaluators.contract.limits import Limits
from evaluators.contract.scores import CaseResult, RunFacts
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec
from evaluators.contract.version import CONTRACT_VERSION

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Message(BaseModel):
    """What every message of a worker begins with."""

    model_config = _STRICT

    contract: int = CONTRACT_VERSION


class ClaimRequest(Message):
    """A worker asks for work. POST /api/worker/v1/claim -> 200 Job, or 204 when there is none."""

    hardware: str
    scorer: str = Field(description="the catalogue's scorer hash that this worker's scorer image was built from")
    facts: dict[str, str] = Field(default_factory=dict, description="engine, kernel, cpus, memory, gpus")


class Rehearsal(StrEnum):
    """An answer of ours in place of a team's, by which an organiser tries the scorer."""

    #: the references themselves, in the first format that the task accepts: every metric's best value
    PERFECT = "perfect"
    #: no file at all: every case is MISSING_FILE
    EMPTY = "empty"
    #: files that are of no format: every case is BAD_FORMAT
    BROKEN = "broken"


class KeptRun(BaseModel):
    """A run that has ended and whose outputs are scored again: nothing runs. Its worker has them under this evaluation."""

    model_config = _STRICT

    evaluation: str
    run: RunFacts


class Job(Message):
    """One attempt at one evaluation. Blobs are at GET /api/worker/v1/blobs/{sha256}, the image at .../images/{image}."""

    evaluation: str
    attempt: int = Field(ge=1)
    lease_seconds: int
    image: str | None = Field(
        description="config digest, 64 hex digits; the engine's image id without `sha256:`. None: nothing runs"
    )
    image_bytes: int = Field(default=0, description="size of the archive")
    predictions: FileRef | None = Field(
        default=None,
        description="a ZIP of result files in place of an image: nothing runs. At .../predictions/{sha256}",
    )
    rehearsal: Rehearsal | None = Field(default=None, description="an answer of ours in place of both: nothing runs")
    outputs_of: KeptRun | None = Field(
        default=None, description="the run whose kept outputs are scored; the image is named and does not run"
    )
    limits: Limits
    task: TaskSpec
    dataset: str = Field(description="name@version")
    cases: tuple[JobCase, ...] = Field(description="in the order of the dataset version")
    reference_key: str | None = Field(description="hex; None when the references lie open")
    scorer: str
    output_digest: str | None = Field(
        description="of an earlier attempt's run: a worker that still has it enters at scoring"
    )
    scored: tuple[int, ...] = Field(default=(), description="cases that already have a result under that digest")

    @model_validator(mode="after")
    def _one_source(self) -> Job:
        if sum(source is not None for source in (self.image, self.predictions, self.rehearsal)) != 1:
            raise ValueError("a job has one of image, predictions and rehearsal")
        return self


class Progress(BaseModel):
    """What the page shows while a container runs, counted from outside."""

    model_config = _STRICT

    files_present: int | None = None
    files_expected: int | None = None
    seconds: float | None = None
    memory: int | None = None


class Heartbeat(Message):
    """POST /api/worker/v1/evaluations/{id}/heartbeat: renews the lease."""

    attempt: int
    progress: Progress = Progress()


class HeartbeatAnswer(BaseModel):
    """Whether to go on."""

    model_config = _STRICT

    lease_seconds: int
    cancel: bool


class StateReport(Message):
    """POST .../state: preparing -> running, or -> scoring with what the run left."""

    attempt: int
    state: EvaluationState
    run: RunFacts | None = Field(default=None, description="with `scoring`")


class CaseReport(Message):
    """POST .../cases: results of one container run. A digest other than the current one supersedes all earlier results."""

    attempt: int
    output_digest: str
    results: tuple[CaseResult, ...]


class FinishReport(Message):
    """POST .../finish: every case is reported, or the run failed, the team's way or ours, or was stopped because the site asked."""

    attempt: int
    failure: FailureNote | None = None
    cancelled: bool = Field(default=False, description="stopped after a heartbeat's answer said `cancel`")
    run: RunFacts | None = Field(default=None, description="where a failed run left measurements")


class Refusal(BaseModel):
    """Every error of both APIs: what happened and what to do."""

    error: str
    message: str
    next: str = ""
    help: str = ""
