"""What must come of each answer of a dry run, and what came. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from assay.config.text import plural
from evaluators.contract.failures import CaseFailure
from evaluators.contract.jobs import Rehearsal
from evaluators.contract.metrics import Better, MetricSpec
from evaluators.contract.tasks import TaskSpec

#: files hold float32, and a metric's sums are of thousands of values
_TOLERANCE = 1e-6
_BAD = frozenset(code.value for code in CaseFailure if code.value.startswith("BAD_"))

EXPECTED = {
    Rehearsal.PERFECT: "every case scores each metric's best value",
    Rehearsal.EMPTY: "every case fails with MISSING_FILE",
    Rehearsal.BROKEN: "every case fails with BAD_FORMAT",
}


def faults(
    rehearsal: Rehearsal,
    *,
    task: TaskSpec,
    specs: Mapping[str, MetricSpec],
    outcomes: Sequence[Mapping[str, Any] | None],
    scores: Mapping[str, Sequence[float | None]],
    labels: Sequence[str],
) -> list[str]:
    """What came otherwise than expected, a sentence each; empty: all as it must be.

    outcomes, labels: of every case; outcomes as evaluations keep them. scores: column -> a value a case.
    """
    codes = [None if outcome is None else str(outcome.get("code", "")) for outcome in outcomes]
    if rehearsal is Rehearsal.PERFECT:
        return [*_failures(codes, labels), *_not_best(task, specs, scores, labels)]
    allowed = {CaseFailure.MISSING_FILE.value} if rehearsal is Rehearsal.EMPTY else _BAD
    wrong = [(label, code) for label, code in zip(labels, codes, strict=True) if code not in allowed]
    if not wrong:
        return []
    label, code = wrong[0]
    came = "was scored" if code == "" else "has no result" if code is None else f"failed with {code}"
    return [f"{plural(len(wrong), 'case')} did not fail as it must: {label} {came}"]


def _failures(codes: Sequence[str | None], labels: Sequence[str]) -> list[str]:
    counted = Counter(code for code in codes if code)
    found = [
        f"{plural(count, 'case')} of the references itself failed with {code}, the first is {labels[codes.index(code)]}"
        for code, count in counted.items()
    ]
    missing = sum(code is None for code in codes)
    return found + ([f"{plural(missing, 'case')} without a result"] if missing else [])


def _not_best(
    task: TaskSpec, specs: Mapping[str, MetricSpec], scores: Mapping[str, Sequence[float | None]], labels: Sequence[str]
) -> list[str]:
    found: list[str] = []
    for use in task.metrics:
        spec = specs[use.metric]
        best = best_of(spec)
        if best is None:
            continue
        values = scores.get(use.key, ())
        off = [
            (abs(value - best), label, value)
            for label, value in zip(labels, values, strict=False)
            if value is not None and abs(value - best) > _TOLERANCE
        ]
        if off:
            _, label, value = max(off)
            found.append(
                f"{use.key} of the references themselves is not {best:g} in {plural(len(off), 'case')}, furthest off is {label} with {value:.6g}"
            )
    return found


def best_of(spec: MetricSpec) -> float | None:
    """The best value that a metric can have; None where it has no end."""
    return spec.bounds[1] if spec.better is Better.HIGHER else spec.bounds[0]
