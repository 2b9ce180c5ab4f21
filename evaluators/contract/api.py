"""The public API's messages (/api/v1): what the `assay` command and the site both speak."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

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
    card: dict[str, str] = Field(default_factory=dict)
    baseline: bool = Field(default=False, description="organisers of the challenge alone may say so")
    again: bool = Field(default=False, description="evaluate again what already stands in this phase")

    @model_validator(mode="after")
    def _one_source(self) -> SubmissionIn:
        if (self.config_digest is None) == (self.predictions is None):
            raise ValueError(
                "name an image by `config_digest` or an archive of result files by `predictions`, one of the two"
            )
        return self


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
    duplicate: bool = Field(
        default=False, description="this very image or archive already stood in the phase: nothing new was queued"
    )


class BoardRow(BaseModel):
    """One method on a board. Metric values are None where every case is missing."""

    rank: float | None
    change: float | None = Field(default=None, description="places won since the snapshot `since`; negative: lost")
    new: bool = Field(default=False, description="it was not in the snapshot `since`")
    rank_low: float | None = Field(default=None, description="the range of ranks, see `certainty`: its best")
    rank_high: float | None = Field(default=None, description="and its worst")
    group: str = Field(default="", description="letters: methods that share one are not told apart, see `certainty`")
    note: str = Field(default="", description="why there is no rank, where the rule itself says so")
    team: str
    team_name: str = ""
    method: str
    baseline: bool
    submission: str
    metrics: dict[str, float | None]
    strata: dict[str, dict[str, float | None]] = Field(description='"af=4" -> {metric: mean}')
    cases: int
    failures: dict[str, int]
    seconds: float | None = Field(description="of the whole run; whole seconds where the data are hidden")
    seconds_a_case: float | None = Field(
        default=None,
        description="in per_case mode the mean over the timed cases, without the warm-up; else the run's over its cases",
    )
    peak_memory: int | None = Field(
        default=None, description="bytes, files in memory included; in steps of 0.1 GiB where the data are hidden"
    )
    predictions: bool = Field(
        default=False, description="result files: no container ran here, nothing was measured of it"
    )


class VariantOut(BaseModel):
    """One option of a metric as a board computes it, defaults included."""

    name: str
    value: str
    text: str = Field(description="what this value computes, and who else computes it so; may be empty")


class BoardColumn(BaseModel):
    """One metric column."""

    key: str
    title: str
    unit: str
    better: str
    digits: int
    ranks: bool
    options: dict[str, str] = Field(description="as the task gives them")
    variant: list[VariantOut] = Field(default_factory=list, description="every option in words")
    missing: str = Field(default="", description="what a missing case counts in the ranking, in words")
    clip: float | None = Field(default=None, description="a mean that reaches it is infinite")
    shown: Literal["ranking", "more"] = "ranking"


class BoardCertainty(BaseModel):
    """How sure the ranks of a board are. Computed apart from it, for exactly the scores that it shows, or not shown at all."""

    state: Literal["ready", "waiting", "none"] = Field(
        default="none",
        description="waiting: it is being computed for these scores; none: this board has none, see `reason`",
    )
    reason: str = Field(default="", description="why there are no ranges or groups")
    intervals: str = Field(default="", description="what rank_low and rank_high are")
    groups: str = Field(default="", description="what a shared letter means, and the test behind it")
    note: str = Field(default="", description="where the data are too few for the test to tell anybody apart")
    tau: float | None = Field(
        default=None, description="mean Kendall tau-b between the ranking and that of each resample"
    )


class BoardOut(BaseModel):
    """GET /boards/{challenge}/{task}/{phase}"""

    phase: str
    title: str
    scorer: str
    dataset: str
    cases: int
    units: int
    rule: str
    gate: str = Field(
        default="", description="under rule speed: how many pass the gate now, and why where it bars nobody"
    )
    ranking: str = Field(default="", description="the rule as challenge files name it")
    since: str = Field(default="", description="the snapshot that `change` counts from, such as 2026-10-01-1")
    certainty: BoardCertainty = Field(default_factory=BoardCertainty)
    columns: list[BoardColumn]
    rows: list[BoardRow]
    not_ranked: list[dict[str, Any]] = Field(description="method, team, reason")


class PairStratum(BaseModel):
    """How far two methods are apart in the cases of one stratum."""

    key: str = Field(description="af=4; empty: all cases")
    title: str
    difference: float | None
    low: float | None
    high: float | None


class PairMetric(BaseModel):
    """Two methods in one metric. Differences are first minus second, in the metric's unit, over cases that both delivered."""

    column: BoardColumn
    first: float | None = Field(description="mean over the delivered cases, as on the board")
    second: float | None
    difference: float | None
    low: float | None = Field(description="95 % interval of the mean difference, whole units resampled")
    high: float | None
    both: int = Field(description="cases that both delivered")
    wins: int = Field(description="cases in which the first is better; a missing case loses")
    ties: int
    losses: int
    p: float | None = Field(
        description="one-sided paired Wilcoxon on unit means, for the one that is better, this pair alone"
    )
    p_holm: float | None = Field(description="the same, corrected over all pairs of the board; null: not tested there")
    better: Literal["first", "second", ""] = Field(description="who is better at level .05 after the correction")
    spread: list[float] | None = Field(
        description="lowest, quartiles and highest difference; null where values of single cases are not shown"
    )
    strata: list[PairStratum]


class PairCase(BaseModel):
    """One case of data that are not hidden."""

    case: int = Field(description="its number on the site, from 1")
    strata: dict[str, str]
    first: dict[str, float | None]
    second: dict[str, float | None]


class PairOut(BaseModel):
    """GET /c/{challenge}/{task}/{phase}/board/compare.json?a=&b=: two rows of a board against each other."""

    phase: str
    dataset: str
    cases: int
    units: int
    unit: str
    first: BoardRow
    second: BoardRow
    verdict: str
    words: str = Field(description="what is tested and drawn")
    metrics: list[PairMetric]
    per_case: list[PairCase] | None = Field(description="null: values of single cases of hidden data are not shown")


class SnapshotOut(BaseModel):
    """GET /boards/{challenge}/{task}/{phase}/snapshots/{name}: a board as it was published, and never again changed."""

    name: str = Field(description="the day in UTC and a number, such as 2026-10-01-1")
    challenge: str = Field(description="title")
    task: str = Field(description="title")
    taken_at: datetime
    dataset_sha256: str
    unit: str = Field(description="what is independent, such as subject")
    board: BoardOut


class PublishedOut(BaseModel):
    """POST /boards/{challenge}/{task}/{phase}/snapshots. The same board twice is one snapshot."""

    name: str
    url: str
    sha256: str = Field(description="of the file behind `url`.json")


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


class ChallengeIn(BaseModel):
    """POST /challenges/apply"""

    model_config = _STRICT

    yaml: str = Field(max_length=400_000)
    filename: str = "challenge.yaml"


class ChallengeOut(BaseModel):
    """What `apply` did: addresses with `created`, `changed` or `same`."""

    challenge: str
    changes: dict[str, str]
    url: str


class PublicFileOut(BaseModel):
    """GET /datasets/{name}/{version}/files: one file of a public sample."""

    case: str
    role: str
    path: str
    sha256: str
    size: int
    url: str
