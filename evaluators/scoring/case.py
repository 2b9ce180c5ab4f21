"""One case: its file read, lined up with its reference, measured by every metric of the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import JobCase, Scorable
from evaluators.contract.metrics import Family
from evaluators.contract.scorer import ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.contract.tasks import CLASS, TaskSpec
from evaluators.metrics import METRICS
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.labels import LabelPair
from evaluators.readers import ReadFailure, prepare, read
from evaluators.scoring.errors import DatasetFault
from evaluators.scoring.references import load_references
from evaluators.tasks import KINDS
from evaluators.tasks.registry import ReferenceProblem, TaskKind, TaskProblem, settle_use

Real = NDArray[np.floating[Any]]


def _silent(_: ScorerLine) -> None:
    """For callers that do not follow the reading."""


def score_case(
    *,
    task: TaskSpec,
    case: JobCase,
    prediction: Path | str,
    below: Path | None = None,
    references: Path,
    key: str | None,
    tell: Callable[[ScorerLine], None] = _silent,
) -> CaseResult:
    """A value for every metric of the task, unrounded, or the one failure that the team's file earned.

    prediction: the container's file, relative to `below` where that is given (then no part of it may be a link).
    references: folder of files named by sha256; key: theirs. tell: hears `reading` and `read` around the file.
    Raises DatasetFault (the dataset's fault) and TaskProblem (the challenge's).
    """
    kind = _kind(task)
    (wanted,) = kind.expects(case=case, task=task)
    parts = kind.offer.parts_of(use.metric for use in task.metrics)
    held = load_references(case=case, parts=parts, folder=references, key=key)
    prepare(wanted)
    tell(ScorerLine(reading=case.index))
    # no `finally`: whatever else ends us in here was brought about by the file, and `reading` must stay the last word
    try:
        found = read(prediction, spec=wanted, below=below)
    except ReadFailure as failure:
        tell(ScorerLine(read=case.index))
        return CaseResult(case=case.index, failure=failure.note)
    tell(ScorerLine(read=case.index))
    try:
        kind.check_references(held, case=case)
        values = measure(task=task, case=case, prediction=found, references=held)
    except (ReferenceProblem, UndefinedMetric) as error:
        raise DatasetFault(f"reference {case.references[0].path}: {error}") from error
    return CaseResult(case=case.index, values=values)


def measure(
    *, task: TaskSpec, case: JobCase, prediction: Real, references: Mapping[str, NDArray[Any]]
) -> dict[str, float]:
    """Column key -> value for arrays in memory, axes as the task's kind names them; references by part, the first is ``.

    Columns that ask for the same region and scale share them. Raises TaskProblem, ReferenceProblem, UndefinedMetric.
    """
    kind = _kind(task)
    paired: dict[tuple[tuple[str, str], ...], Scorable | LabelPair] = {}
    values: dict[str, float] = {}
    for use in task.metrics:
        options, own = settle_use(use, offer=kind.offer, output=task.output)
        # all classes share one pair, which keeps their surfaces and lesions
        shared = tuple(sorted((name, value) for name, value in options.items() if name != CLASS))
        if shared not in paired:
            paired[shared] = kind.pair(
                prediction=prediction, references=references, case=case, task=task, options=dict(shared)
            )
        pair, metric = paired[shared], METRICS[use.metric]
        if isinstance(pair, LabelPair):
            found = metric.function(pair, **own)
        else:
            where = {"region": pair.region} if metric.spec.family is Family.VOLUME else {}
            found = metric.function(pair.prediction, pair.reference, **where, **own)
        values[use.key] = kind.combine(np.asarray(found), task=task, options=options)
    return values


def _kind(task: TaskSpec) -> TaskKind:
    if task.kind not in KINDS:
        raise TaskProblem(f"task kind {task.kind!r} is not served; there are {', '.join(KINDS)}")
    return KINDS[task.kind]
