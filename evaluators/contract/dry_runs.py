"""A dry run: whether the scorer of a phase does what it must."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


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
