"""How sure the ranks of a board are: what was stored for exactly its scores, and words for what that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.challenges.models import Phase
from assay.leaderboards.cases import Scored
from assay.leaderboards.models import StoredCertainty
from assay.leaderboards.ranking.certainty import key_of
from assay.leaderboards.ranking.contest import Contest
from assay.leaderboards.ranking.significance import can_tell_apart
from assay.leaderboards.ranking.words import describe_groups, describe_intervals, describe_too_few
from evaluators.contract.boards import BoardCertainty

#: fewer than two have no order that could be unsure
_FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class Known:
    """What may be said of one board's ranks."""

    told: BoardCertainty
    #: submission code -> lowest and highest rank, letters
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    #: who was tested, and metric -> p of "row is better than column" in that order; read where it is asked for
    tested: Sequence[str] = ()
    chances: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)

    def chance(self, metric: str, *, better: str, worse: str) -> float | None:
        """p of one pair after the correction; None where it was not tested. better, worse: submission codes."""
        if metric not in self.chances or better not in self.tested or worse not in self.tested:
            return None
        return self.chances[metric][self.tested.index(better)][self.tested.index(worse)]


def read_certainty(
    *, phase: Phase, stratum: str | None, scored: Scored, ready: Contest | None, with_chances: bool = False
) -> Known:
    """What is stored for exactly the scores in `ready`; never what was computed from others. One query at most.

    with_chances: those of every pair too, which are many.
    """
    if (reason := why_none(scored, ready=ready)) is not None:
        return Known(told=BoardCertainty(state="none", reason=reason))
    assert ready is not None  # noqa: S101 -- else there is a reason
    found = (
        StoredCertainty.objects.filter(phase=phase, stratum=stratum or "", key=key_of(ready))
        .only("reason", "intervals", "letters", "tau", *(("tested", "chances") if with_chances else ()))
        .first()
    )
    if found is None:
        return Known(told=BoardCertainty(state="waiting"))
    if found.reason:
        return Known(told=BoardCertainty(state="none", reason=found.reason))
    unit = scored.task.independent
    few = len(set(found.letters.values())) == 1 and not can_tell_apart(
        units=ready.unit_count, methods=len(found.letters)
    )
    return Known(
        told=BoardCertainty(
            state="ready",
            intervals=describe_intervals(unit=unit),
            groups=describe_groups(unit=unit, methods=len(ready.names)),
            note=describe_too_few(unit=unit, units=ready.unit_count, methods=len(found.letters)) if few else "",
            tau=found.tau,
        ),
        intervals={code: (low, high) for code, (low, high) in found.intervals.items()},
        letters=found.letters,
        tested=found.tested if with_chances else (),
        chances=found.chances if with_chances else {},
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
