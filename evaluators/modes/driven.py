"""What every mode returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluators.contract.failures import FailureNote
from evaluators.sandbox.interface import Archive, RunOutcome


@dataclass(frozen=True, kw_only=True)
class Driven:
    """What one run came to. `archive` is None when the run failed as a whole."""

    outcome: RunOutcome
    failure: FailureNote | None
    archive: Archive | None
    #: case index -> seconds, of the cases that were timed; None: the mode times the run as a whole
    case_seconds: Mapping[int, float] | None = None
