"""What the worker measured of a run, as a board may show it: seconds a case and peak memory, rounded where data are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from assay.evaluations.models import Evaluation
from assay.submissions.selectors.message import rounded_memory, rounded_seconds

#: below this a second decimal tells methods apart
_FEW = 10.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Of one evaluation. seconds: of the whole run. peak_memory: bytes. None where nothing was measured."""

    seconds: float | None
    seconds_a_case: float | None
    peak_memory: int | None


def measured(evaluation: Evaluation, *, chosen: Sequence[int], hidden: bool) -> Measured:
    """chosen: indexes of the cases that the board looks at. hidden: whole seconds, and memory in steps of 0.1 GiB.

    A run in per_case mode has seconds of single cases: their mean over those of `chosen` that were timed, which the warm-up
    case is not. Any other run was timed as a whole: its seconds over all of its cases.
    """
    # of result files nothing was measured
    run = evaluation.run or {} if evaluation.predictions_id is None else {}
    seconds = rounded_seconds(run.get("seconds"), hidden=hidden)
    timed = run.get("case_seconds")
    if timed is None:
        a_case = None if seconds is None or not evaluation.outcomes else seconds / len(evaluation.outcomes)
    else:
        # rounded as a sum, so that single cases stay untold
        own = [timed[str(index)] for index in chosen if str(index) in timed]
        total = rounded_seconds(fsum(own), hidden=hidden)
        a_case = total / len(own) if own and total is not None else None
    return Measured(
        seconds=seconds, seconds_a_case=a_case, peak_memory=rounded_memory(run.get("peak_memory"), hidden=hidden)
    )


def pace_text(seconds: float | None) -> str:
    """Seconds a case; empty where they are not known."""
    if seconds is None:
        return ""
    return f"{seconds:.2f}" if seconds < _FEW else f"{seconds:.1f}"


def memory_text(memory: int | None) -> str:
    """Bytes as GiB with one decimal, two below 1 GiB; empty where they are not known."""
    if memory is None:
        return ""
    gibibytes = memory / 2**30
    return f"{gibibytes:.1f}" if gibibytes >= 1 else f"{gibibytes:.2f}"
