"""The challenge file: an organiser's whole job in one YAML. Only keys that this release serves stand here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.contract.api import SLUG
from evaluators.contract.limits import Limits
from evaluators.contract.tasks import MetricUse, OutputFormat, Ranking, RunMode, StratumSpec

_STRICT = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

#: keys of the full form (../shared/examples) that this release refuses instead of ignoring
NOT_SERVED_KEYS = frozenset({"pages", "registration", "questions", "needs", "logs", "bootstrap", "groups", "news"})
#: key -> values that a later release will serve
NOT_SERVED_VALUES: dict[str, frozenset[str]] = {
    "mode": frozenset({"dialogue", "federated"}),
    "counts": frozenset({"chosen"}),
}
#: what to write where a required key is absent and the reason is not plain
HINTS = {
    "missing": "write `missing: worst`; how missing cases rank has no silent default",
    "schema": "begin the file with `schema: 1`",
    "sample": "name a public dataset that teams may try on",
}

Slug = Annotated[str, Field(pattern=SLUG, max_length=80)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
DatasetAddress = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*@[1-9][0-9]{0,6}$", max_length=90)]
Title = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]


class OpenFile(BaseModel):
    """When submissions count. A day without a time begins at its midnight; in `until` it means its end."""

    model_config = _STRICT

    begins: str | None = Field(default=None, alias="from")
    until: str | None = None


class DataFile(BaseModel):
    """Dataset versions, as name@version."""

    model_config = _STRICT

    ranked: DatasetAddress
    sample: DatasetAddress | None = None


class QuotaFile(BaseModel):
    """Counted per team; runs that we broke are free. `attempts` counts all of them."""

    model_config = _STRICT

    submissions: int = Field(ge=1, le=100_000)
    every: Literal["day", "week", "phase"]
    attempts: int = Field(ge=1, le=100_000)

    @model_validator(mode="after")
    def _attempts_cover_submissions(self) -> QuotaFile:
        if self.attempts < self.submissions:
            raise ValueError(f"attempts ({self.attempts}) is the wider cap; write at least {self.submissions}")
        return self


#: what may be seen of the scores of single cases: a word, or a word with the day from which it holds
CaseShow = str | dict[str, str]


class TeamShowFile(BaseModel):
    """What a team sees of its own runs, and from when: `at-once` or a date."""

    model_config = _STRICT

    scores: str = "at-once"
    cases: CaseShow | None = Field(
        default=None,
        description="scores of single cases: never, distribution or table; with a day {table: 2026-10-01}; "
        "absent: table where the data are public, else never",
    )


class PublicShowFile(BaseModel):
    """What everybody sees, and from when: `at-once` or a date."""

    model_config = _STRICT

    board: str = "at-once"
    cases: CaseShow | None = Field(default=None, description="as for the team; of every method on the board")


class ShowFile(BaseModel):
    """Who sees what."""

    model_config = _STRICT

    team: TeamShowFile = TeamShowFile()
    public: PublicShowFile = PublicShowFile()


class PhaseFile(BaseModel):
    """When, on which data, how often."""

    model_config = _STRICT

    phase: Slug
    title: Title | None = None
    open: OpenFile = OpenFile()
    data: DataFile
    quota: QuotaFile
    counts: Literal["best", "last"] = "best"
    show: ShowFile = ShowFile()
    limits: Limits | None = Field(default=None, description="single limits that differ from the task's")
    predictions: Literal["public", "given-out"] | None = Field(
        default=None,
        description="takes result files too: teams hold the ranked inputs, because the data are public or were given out by you",
    )


class BaselinesFile(BaseModel):
    """Published methods on the same board."""

    model_config = _STRICT

    methods: tuple[Slug, ...] = Field(default=(), max_length=50)
    ranked: bool = Field(default=True, description="false: shown in place without a number")


class CardFile(BaseModel):
    """What every entry must say of its method."""

    model_config = _STRICT

    required: tuple[Word, ...] = Field(
        default=(), max_length=40, description="fields of the method card that no entry may leave out, such as backbone"
    )


class TaskFile(BaseModel):
    """What goes in, what must come out, how it is scored and ranked."""

    model_config = _STRICT

    task: Slug
    title: Title
    kind: str
    mode: RunMode = RunMode.BATCH
    layout: str
    input: str = Field(max_length=400)
    output: OutputFormat
    case: tuple[Word, ...] = Field(min_length=1)
    independent: Word
    strata: dict[Word, StratumSpec] = Field(default_factory=dict)
    metrics: tuple[MetricUse, ...] = Field(min_length=1, max_length=40)
    ranking: Ranking
    baselines: BaselinesFile = BaselinesFile()
    card: CardFile = CardFile()
    limits: Limits
    phases: tuple[PhaseFile, ...] = Field(min_length=1, max_length=20)


class ChallengeFile(BaseModel):
    """The whole file."""

    model_config = _STRICT

    schema_version: Literal[1] = Field(alias="schema")
    challenge: Slug
    title: Title
    summary: Annotated[str, Field(min_length=1, max_length=300)]
    organisers: tuple[str, ...] = Field(min_length=1, max_length=50)
    timezone: str = "UTC"
    tasks: tuple[TaskFile, ...] = Field(min_length=1, max_length=50)
