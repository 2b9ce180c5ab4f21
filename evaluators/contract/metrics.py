"""What is known about a metric besides its value: direction, unit, bounds, worst case, source."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"


class MetricSpec(BaseModel):
    """One metric's definition, the same for scorer, database, page and export."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    unit: str
    better: Better
    #: (lowest, highest) possible value; None where there is none
    bounds: tuple[float | None, float | None]
    #: what a missing case counts in a ranking
    worst: float
    source: str
    peer: str
    #: stored values are clipped to this where the true one is infinite
    clip: float | None = None

    @property
    def arrow(self) -> str:
        """The sign that stands beside the title."""
        return "↑" if self.better is Better.HIGHER else "↓"
