"""The public API's messages (/api/v1): what the `assay` command and the site both speak."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.contract.datasets import SHA256, DatasetManifest
from evaluators.contract.failures import FailureNote
from evaluators.contract.limits import Limits
from evaluators.contract.tasks import TaskSpec

_STRICT = ConfigDict(extra="forbid")
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"


class Me(BaseModel):
    """GET /me"""

    name: str
    teams: list[str]
    token: str = Field(description="the token's own name")
    scopes: list[str]


class PredictionsOffer(BaseModel):
    """How a phase takes result files: one ZIP of the tree that a container would write to /output, folders around it or not."""

    inputs: Literal["public", "given-out"] = Field(
        description="where teams have the inputs from: a public dataset, or by the organiser's hand"
    )
    path: str = Field(description="of one file inside, with placeholders; the listing has every one")
    formats: list[str]
    variable: str
    axes: str
    shape: str = Field(description="as-reference, or ranked: the challenge's crop alone")
    part: str = Field(default="", description="what that crop holds, in words; empty: the whole of the reference")
    max_bytes: int = Field(description="unpacked, all files together")
    max_files: int
    listing: str = Field(description="GET it: every path that is asked for")


class PredictionsListing(BaseModel):
    """GET /phases/{challenge}/{task}/{phase}/predictions"""

    paths: list[str] = Field(description="one a case, below the archive's root")


class PhaseOut(BaseModel):
    """GET /phases, GET /phases/{challenge}/{task}/{phase}"""

    address: str = Field(description="challenge/task/phase")
    title: str
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    state: str = Field(description="the page's state sentence")
    cases: int
    limits: Limits
    docker_line: str
    quota: dict[str, int | str | None] = Field(
        description="submissions, every, attempts; used and left for a signed-in team"
    )
    url: str
    predictions: PredictionsOffer | None = Field(default=None, description="None: containers alone")
    card_required: list[str] = Field(
        default_factory=list, description="fields of the method card that no entry may leave out"
    )
    task: TaskSpec | None = Field(default=None, description="what is written, scored and ranked; not told in lists")


class ImageIn(BaseModel):
    """POST /images: may we send this one?"""

    model_config = _STRICT

    team: str
    config_digest: str = Field(pattern=SHA256)
    archive_bytes: int = Field(gt=0, description="an estimate is enough")


class ImageOut(BaseModel):
    """`needed`: PUT the `docker save` archive to `upload`; `ready`: nothing to send."""

    id: int
    config_digest: str
    state: str
    upload: str
    max_bytes: int


class PredictionsIn(BaseModel):
    """POST /predictions: may we send this archive of result files?"""

    model_config = _STRICT

    team: str
    sha256: str = Field(pattern=SHA256)
    archive_bytes: int = Field(gt=0)


class PredictionsOut(BaseModel):
    """`needed`: PUT the ZIP to `upload`; `ready`: nothing to send."""

    id: int
    sha256: str
    state: str
    upload: str
    max_bytes: int


class SubmissionIn(BaseModel):
    """POST /submissions: an image, or an archive of result files where the phase takes them."""

    model_config = _STRICT

    team: str
    phase: str = Field(description="challenge/task/phase")
    config_digest: str | None = Field(default=None, pattern=SHA256, description="of an image")
    predictions: str | None = Field(default=None, pattern=SHA256, description="of an archive of result files")
    method: str = Field(min_length=1, max_length=80, description="the name on the board")
    card: dict[str, str] = Field(default_factory=dict, description="the method card, see GET /method-card")
    baseline: bool = Field(default=False, description="organisers of the challenge alone may say so")
    again: bool = Field(default=False, description="evaluate again what already stands in this phase")

    @model_validator(mode="after")
    def _one_source(self) -> SubmissionIn:
        if (self.config_digest is None) == (self.predictions is None):
            raise ValueError(
                "name an image by `config_digest` or an archive of result files by `predictions`, one of the two"
            )
        return self


class CardIn(BaseModel):
    """PUT /submissions/{id}/card"""

    model_config = _STRICT

    card: dict[str, str] = Field(description="see GET /method-card")


class CaseCount(BaseModel):
    """k of N, and what went wrong with the rest."""

    scored: int
    failed: int
    total: int


class SubmissionOut(BaseModel):
    """GET /submissions/{id}"""

    id: str
    url: str
    team: str
    method: str
    baseline: bool
    phase: str
    state: str
    sentence: str = Field(description="the page's state sentence")
    received_at: datetime
    attempt: int
    failure: FailureNote | None
    case_failures: dict[str, int] = Field(description="code -> number of cases")
    files_present: int | None
    files_expected: int | None
    cases: CaseCount
    seconds: float | None
    peak_memory: int | None
    config_digest: str | None = Field(description="of the image; None: result files")
    predictions: str | None = Field(default=None, description="SHA-256 of the archive of result files; None: an image")
    card: dict[str, str] = Field(default_factory=dict, description="the method card, see GET /method-card")
    duplicate: bool = Field(
        default=False, description="this very image or archive already stood in the phase: nothing new was queued"
    )


class DatasetIn(BaseModel):
    """POST /datasets: opens a draft of name@version; the same draft is given back until it is sealed."""

    model_config = _STRICT

    name: str = Field(pattern=SLUG, max_length=80)
    version: int = Field(ge=1)


class DatasetOut(BaseModel):
    """`key` seals references on the organiser's machine; told while the version is a draft, to its owner alone."""

    name: str
    version: int
    state: str
    key: str | None
    sha256: str | None
    cases: int


class SealIn(BaseModel):
    """POST /datasets/{name}/{version}/seal: every blob must be there."""

    model_config = _STRICT

    manifest: DatasetManifest


class RescoreIn(BaseModel):
    """POST /rescores: score again what the runs of a phase left; the board stays as it is until it is published."""

    model_config = _STRICT

    phase: str = Field(description="challenge/task/phase")
    everything: bool = Field(
        default=False, description="every entry, also those whose scores are of these very versions"
    )
    note: str = Field(default="", max_length=400, description="why; told with the news")


class RescorePublishIn(BaseModel):
    """POST /rescores/{id}/publish"""

    model_config = _STRICT

    name: str = Field(description="the challenge's address, typed so that nobody publishes by mistake")
    note: str = Field(default="", max_length=400)


class RescoreRowOut(BaseModel):
    """One entry of a re-score."""

    submission: str
    team: str
    method: str
    stand: str = Field(description="waiting, ready, failed or left out")
    why: str = Field(description="what went wrong with a failed one")


class MovedOut(BaseModel):
    """A method whose rank or ranking metrics differ; ranks are as on the board, empty without one."""

    submission: str
    team: str
    method: str
    old_rank: str
    new_rank: str
    metrics: list[tuple[str, str, str]] = Field(description="(title, old, new) of each ranking metric")


class RescoreOut(BaseModel):
    """GET /rescores/{id}"""

    id: int
    phase: str
    state: str = Field(description="open, published or dropped")
    sentence: str
    publishable: bool
    note: str
    asked_at: datetime
    rows: list[RescoreRowOut]
    moved: list[MovedOut] = Field(description="changed rows alone, in the order of the new board")
    unchanged: int
    before: str = Field(description="name of the snapshot with the old scores; empty until it is published")
    after: str
    url: str


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


class DryRunAnswer(BaseModel):
    """One answer of ours that went through a phase's scorer."""

    name: str = Field(description="perfect, empty or broken")
    expected: str
    state: str = Field(description="of its evaluation")
    ended: bool
    cases: int
    faults: list[str] = Field(description="what came otherwise than expected; empty: nothing did")


class DryRunOut(BaseModel):
    """POST and GET /dry-runs/{phase}: whether the scorer of a phase does what it must, on the phase's own data."""

    phase: str
    asked_at: datetime
    dataset: str
    scorer: str
    ended: bool
    green: bool = Field(description="ended, everything came as it must, and the phase is as it was tried")
    stale: str = Field(description="why it says nothing of the phase as it is now; empty: it does")
    answers: list[DryRunAnswer]


class PublicFileOut(BaseModel):
    """GET /datasets/{name}/{version}/files: one file of a public sample."""

    case: str
    role: str
    path: str
    sha256: str
    size: int
    url: str
