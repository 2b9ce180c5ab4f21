"""Boards as the public API answers them: rows and columns, how sure the ranks are, two rows against each other, snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


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
    behind: bool = Field(
        default=False, description="scores have arrived that this board does not show yet; they follow within a minute"
    )
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
