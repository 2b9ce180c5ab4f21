"""A re-score: what the runs of a phase left, scored again."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

_STRICT = ConfigDict(extra="forbid")


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
