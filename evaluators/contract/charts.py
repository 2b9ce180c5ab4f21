"""Charts of a board as its pages and the API give them: every number that is drawn stands here and in the table beneath."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

#: what may be seen of the scores of single cases, from nothing to everything
CaseSight = Literal["never", "distribution", "table"]
SIGHTS: tuple[CaseSight, ...] = ("never", "distribution", "table")


class ChartMethod(BaseModel):
    """One method of the board."""

    submission: str
    method: str
    team: str
    baseline: bool
    rank: float | None


class RankShare(BaseModel):
    """How often a rank was drawn."""

    rank: float
    share: float = Field(description="of the draws, 0 to 1")


class StabilityRow(BaseModel):
    """The ranks that one method had in the draws."""

    method: ChartMethod
    median: float
    low: float = Field(description="ends of the middle 95 % of the draws")
    high: float
    shares: list[RankShare]


class StabilityOut(BaseModel):
    """Rank stability: the ranking redone on bootstrap draws of independent units."""

    state: Literal["ready", "waiting", "none"]
    reason: str = Field(default="", description="why there is nothing to draw")
    words: str = Field(default="", description="what was drawn")
    rows: list[StabilityRow] = Field(default_factory=list)


class DistributionPoint(BaseModel):
    """One case of data whose single cases may be seen."""

    case: int = Field(description="its number on the site, from 1")
    value: float


class DistributionRow(BaseModel):
    """How the values of one method are spread over the cases."""

    method: ChartMethod
    sight: CaseSight = Field(description="what may be seen of its cases: of one's own more than of others'")
    cases: int = Field(description="cases with a value")
    missing: int
    quantiles: list[float] = Field(description="5, 25, 50, 75 and 95 %; empty where no case has a value")
    counts: list[int] = Field(description="cases in each bin between two edges")
    points: list[DistributionPoint] | None = Field(
        description="null: single cases are not shown, or are too many to draw"
    )


class DistributionOut(BaseModel):
    """One metric, case by case."""

    sight: CaseSight = Field(description="what may be seen of the methods of others")
    reason: str = Field(default="", description="why there is nothing to draw, or why others are left out")
    key: str
    title: str
    unit: str
    better: str
    digits: int
    edges: list[float] = Field(default_factory=list, description="of the bins, the same for every method")
    rows: list[DistributionRow] = Field(default_factory=list)


class TradeoffRow(BaseModel):
    """What one method scores and what it takes."""

    method: ChartMethod
    score: float
    seconds_a_case: float | None
    peak_memory: int | None = Field(description="bytes")


class TradeoffOut(BaseModel):
    """One metric's mean against seconds a case and against peak memory."""

    key: str
    title: str
    unit: str
    better: str
    digits: int
    rows: list[TradeoffRow]
    not_measured: int = Field(description="methods left out: result files, or nothing was measured")


class ChartsOut(BaseModel):
    """GET /c/{challenge}/{task}/{phase}/board/charts.json?chart=METRIC&stratum=NAME=VALUE"""

    phase: str
    dataset: str
    stratum: str = Field(description="af=4; empty: all cases")
    methods: int = Field(description="on the board")
    left_out: int = Field(description="methods further down the board that no chart shows")
    stability: StabilityOut
    distribution: DistributionOut
    tradeoff: TradeoffOut
