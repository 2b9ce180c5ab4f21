"""The public API's messages (/api/v1): what the `assay` command and the site both speak."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.contract.datasets import SHA256, Affine, DatasetManifest, FileRef
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
    ranked: str = Field(default="", description="name@version of what ranks")
    sample: str | None = Field(
        default=None, description="name@version of the public cases to try on; None: there are none"
    )
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
    layers: list[Annotated[str, Field(pattern=SHA256)]] = Field(
        default_factory=list, max_length=128, description="diff_ids of all its layers; the answer says which are wanted"
    )


class ImageOut(BaseModel):
    """`needed`: PUT the `docker save` archive to `upload`; `ready`: nothing to send.

    The archive may lack the bodies of the announced layers that are not `wanted`: its manifest still names every layer.
    """

    id: int
    config_digest: str
    state: str
    upload: str
    max_bytes: int
    wanted: list[str] | None = Field(default=None, description="of the announced layers, those to send; null: send all")
    there_bytes: int = Field(default=0, description="of the announced layers that need not be sent")


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


class RefundIn(BaseModel):
    """POST /submissions/{id}/refund"""

    model_config = _STRICT

    reason: str = Field(min_length=1, max_length=300, description="its team reads it")


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


class PublicCaseOut(BaseModel):
    """GET /datasets/{name}/{version}/cases: one case of a public sample, as a container sees it and as it is scored."""

    label: str
    strata: dict[str, str]
    inputs: tuple[FileRef, ...] = Field(description="by the names that /files tells; each at /files/{sha256}")
    references: tuple[FileRef, ...]
    shape: tuple[int, ...] = Field(description="of the expected output, in the order of the task's axes")
    affine: Affine | None = Field(default=None, description="of input and reference: where voxels lie, in mm")


class PublicFileOut(BaseModel):
    """GET /datasets/{name}/{version}/files: one file of a public sample."""

    case: str
    role: str
    path: str
    sha256: str
    size: int
    url: str
