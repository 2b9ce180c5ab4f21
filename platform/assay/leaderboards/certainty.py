"""How sure the ranks of a board are: what was stored for exactly its scores, and words for what that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.challenges.models import Phase
from assay.leaderboards.cases import Scored
from assay.leaderboards.models import StoredCertainty
from assay.leaderboards.ranking.certainty import key_of
from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.words import describe_groups, describe_intervals
from evaluators.contract.api import BoardCertainty

#: fewer than two have no order that could be unsure
_FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class Known:
    """What may be said of one board's ranks."""

    told: BoardCertainty
    #: submission code -> lowest and highest rank, letters
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)


def read_certainty(*, phase: Phase, stratum: str | None, scored: Scored, ready: Contest | None) -> Known:
    """What is stored for exactly the scores in `ready`; never what was computed from others. One query at most."""
    if (reason := why_none(scored, ready=ready)) is not None:
        return Known(told=BoardCertainty(state="none", reason=reason))
    assert ready is not None  # noqa: S101 -- else there is a reason
    found = (
        StoredCertainty.objects.filter(phase=phase, stratum=stratum or "", key=key_of(ready))
        .only("reason", "intervals", "letters", "tau")
        .first()
    )
    if found is None:
        return Known(told=BoardCertainty(state="waiting"))
    if found.reason:
        return Known(told=BoardCertainty(state="none", reason=found.reason))
    unit = scored.task.independent
    return Known(
        told=BoardCertainty(
            state="ready",
            intervals=describe_intervals(unit=unit),
            groups=describe_groups(unit=unit, methods=len(ready.names)),
            tau=found.tau,
        ),
        intervals={code: (low, high) for code, (low, high) in found.intervals.items()},
        letters=found.letters,
    )


def why_none(scored: Scored, *, ready: Contest | None) -> str | None:
    """Why a board has no ranges and groups; None where it has. Empty: nothing needs to be said."""
    if scored.timed:
        return "Ranks follow the seconds of one run each; ranges and groups are of scores."
    if ready is None or len(ready.names) < _FEWEST:
        return ""
    if ready.unit_count < _FEWEST:
        return f"All cases belong to one {scored.task.independent}: nothing can be drawn again."
    return None
