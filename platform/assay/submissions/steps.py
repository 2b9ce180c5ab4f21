"""The steps of an evaluation as the page draws them, read from its transition log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from assay.evaluations.models import Evaluation, Transition
from evaluators.contract.states import FINAL, EvaluationState

_S = EvaluationState
_LABELS = {
    _S.QUEUED: "queued",
    _S.PREPARING: "preparing",
    _S.RUNNING: "running",
    _S.SCORING: "scoring",
    _S.SCORED: "scored",
    _S.FAILED: "failed",
    _S.PLATFORM_ERROR: "our error",
    _S.CANCELLED: "cancelled",
}
_PATH = (_S.QUEUED, _S.PREPARING, _S.RUNNING, _S.SCORING)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step; `took` is None where it has not begun or was skipped."""

    label: str
    #: done, current, coming, skipped, or the final state
    kind: str
    took: timedelta | None


def steps_of(evaluation: Evaluation, *, log: Sequence[Transition], now: datetime) -> list[Step]:
    """Queued to scored, as far as the latest attempt has come. log: the evaluation's transitions, oldest first."""
    entered: dict[EvaluationState, datetime] = {_S.QUEUED: evaluation.queued_at}
    for step in log:
        after = _S(step.after)
        if after is _S.QUEUED:
            entered = {}
        entered[after] = step.at
    current = _S(evaluation.state)
    # result files and kept outputs are not run
    runs = evaluation.predictions_id is None and evaluation.outputs_of_id is None
    path = _PATH if runs else tuple(state for state in _PATH if state is not _S.RUNNING)
    order = sorted(entered, key=lambda state: (entered[state], state in FINAL))
    left = {state: entered[later] for state, later in pairwise(order)}
    steps = []
    for state in path:
        if state not in entered:
            ended = current in FINAL or path.index(state) < path.index(current)
            kind = "skipped" if ended else "coming"
            steps.append(Step(label=_LABELS[state], kind=kind, took=None))
        elif state is current:
            steps.append(Step(label=_LABELS[state], kind="current", took=now - entered[state]))
        else:
            steps.append(Step(label=_LABELS[state], kind="done", took=left.get(state, now) - entered[state]))
    if current in FINAL:
        steps = [step for step in steps if step.kind != "skipped"]
        steps.append(Step(label=_LABELS[current], kind=current.value, took=None))
    else:
        steps.append(Step(label=_LABELS[_S.SCORED], kind="coming", took=None))
    return steps
