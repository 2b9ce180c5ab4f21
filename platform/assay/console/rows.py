"""Where the rows of a re-score stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from assay.config.text import plural
from assay.console.models import RescoreRow
from evaluators.contract.failures import HELP
from evaluators.contract.states import LIVE, EvaluationState


class Stand(StrEnum):
    """Of one row."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    LEFT_OUT = "left out"


def stand_of(row: RescoreRow) -> Stand:
    """READY alone is swapped when the re-score is published."""
    if row.left_out:
        return Stand.LEFT_OUT
    if row.after is None:
        return Stand.FAILED
    state = EvaluationState(row.after.state)
    if state is EvaluationState.SCORED:
        return Stand.READY
    return Stand.WAITING if state in LIVE else Stand.FAILED


def why(row: RescoreRow) -> str:
    """What went wrong with a failed row; empty for every other."""
    if row.after is None:
        return row.problem
    if row.after.failure is None:
        return "Cancelled." if row.after.state == EvaluationState.CANCELLED else ""
    code, detail = row.after.failure["code"], row.after.failure.get("detail", "")
    return f"{code}: {detail}." if detail else f"{code}: {HELP[code].sentence}"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Rows by where they stand."""

    waiting: int
    ready: int
    failed: int
    left_out: int

    @property
    def publishable(self) -> bool:
        """Every row is ready or left out, and one at least is ready."""
        return self.ready > 0 and not self.waiting and not self.failed

    @property
    def sentence(self) -> str:
        """The same words on the page, in the API and in a refusal."""
        total = self.waiting + self.ready + self.failed + self.left_out
        parts = [f"{self.ready} of {plural(total, 'entry,entries')} scored again"]
        if self.waiting:
            parts.append(f"{self.waiting} still to come")
        if self.failed:
            parts.append(f"{self.failed} failed, which blocks publishing")
        if self.left_out:
            parts.append(f"{self.left_out} left out")
        return f"{', '.join(parts)}."


def count_rows(rows: Iterable[RescoreRow]) -> Counts:
    """Count them; `after` is read beside each."""
    stands = [stand_of(row) for row in rows]
    return Counts(
        waiting=stands.count(Stand.WAITING),
        ready=stands.count(Stand.READY),
        failed=stands.count(Stand.FAILED),
        left_out=stands.count(Stand.LEFT_OUT),
    )
