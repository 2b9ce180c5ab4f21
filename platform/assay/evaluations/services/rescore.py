"""Scores again what a run left: no container of a team starts, and what was scored before stays beside it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction

from assay.datasets.models import CaseFile, Dataset, FileRole
from assay.evaluations.errors import NotRescorable
from assay.evaluations.models import Evaluation, Purpose
from assay.evaluations.services.request import request, run_spec_of
from evaluators.contract.catalogue import catalogue
from evaluators.contract.limits import Limits
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec

#: what a container sees and must write: where one of these differs, its outputs answer another question
_ASKED = ("kind", "mode", "layout", "input", "output", "case")


def is_current(evaluation: Evaluation, *, dataset: Dataset, task: TaskSpec) -> bool:
    """Whether it was scored on these data, by this release's scorer, under this very specification."""
    _, digest = run_spec_of(task=task, limits=Limits.model_validate(evaluation.run_spec["limits"]))
    return (
        evaluation.dataset_id == dataset.pk
        and evaluation.scorer == catalogue().scorer
        and evaluation.run_spec_digest == digest
    )


@transaction.atomic
def rescore(*, evaluation: Evaluation, dataset: Dataset, task: TaskSpec, now: datetime) -> Evaluation:
    """The evaluation that scores the outputs of `evaluation` on `dataset` under `task` by this release's scorer: found, or queued.

    One that is scored so already is scored once more beside itself. The limits stay those of the run.
    The caller announces it. Raises NotRescorable: not scored, other inputs, or a task that asks for other outputs.
    """
    if evaluation.state != EvaluationState.SCORED:
        raise NotRescorable("An evaluation that was not scored has nothing to score again.")
    if evaluation.rehearsal:
        raise NotRescorable("A dry run is begun anew, not scored again.")
    before = TaskSpec.model_validate(evaluation.run_spec["task"])
    if changed := [name for name in _ASKED if getattr(before, name) != getattr(task, name)]:
        raise NotRescorable(f"The task asks for other outputs than this run gave: {', '.join(changed)} changed.")
    # names were drawn, and outputs are kept, under the evaluation that ran
    origin = evaluation.outputs_of or evaluation
    if dataset.pk != origin.dataset_id and not _inputs(dataset).items() <= _inputs(origin.dataset).items():
        raise NotRescorable(f"{dataset} has other inputs than {origin.dataset}, which this run saw.")
    return request(
        team=evaluation.team,
        image=evaluation.image,
        predictions=evaluation.predictions,
        dataset=dataset,
        task=task,
        limits=Limits.model_validate(evaluation.run_spec["limits"]),
        purpose=Purpose(evaluation.purpose),
        again=is_current(evaluation, dataset=dataset, task=task),
        # an archive of result files lies on the site: any worker unpacks it again
        outputs_of=None if evaluation.predictions_id is not None else origin,
        now=now,
    )


def _inputs(dataset: Dataset) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """(group, first input's path) -> (path, hash) of all inputs, of every case."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = CaseFile.objects.filter(case__dataset=dataset, role=FileRole.INPUT).order_by("case", "position")
    for case, group, path, sha256 in rows.values_list("case", "case__group", "path", "sha256"):
        found[case].append((group, path, sha256))
    return {
        (files[0][0], files[0][1]): frozenset((path, sha256) for _, path, sha256 in files) for files in found.values()
    }
