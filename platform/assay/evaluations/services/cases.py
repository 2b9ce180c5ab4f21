"""Stores what the scorer said, packed: one row a metric, one list over the dataset's cases."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from assay.evaluations.errors import BadReport, OutOfTurn
from assay.evaluations.models import Evaluation, MetricScores, Worker
from assay.evaluations.services.leases import hold, next_lease
from assay.evaluations.services.outputs import adopt_run
from evaluators.contract.datasets import SHA256
from evaluators.contract.failures import CaseFailure
from evaluators.contract.jobs import CaseReport
from evaluators.contract.scores import CaseResult
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec


@transaction.atomic
def record_cases(*, worker: Worker, pk: UUID, message: CaseReport, now: datetime) -> None:
    """Write results of one container run, all or none; the same report sent twice changes nothing the second time.

    Another output digest than the current one supersedes every earlier value in the same transaction.
    Raises StaleAttempt, OutOfTurn (not scoring), BadReport (a case, metric or code that the task does not have, a value missing).
    """
    evaluation = hold(pk=pk, worker=worker, attempt=message.attempt)
    if evaluation.state != EvaluationState.SCORING:
        raise OutOfTurn(f"An evaluation that is {evaluation.state} takes no case results.")
    if re.match(SHA256, message.output_digest) is None:
        raise BadReport("The output digest is not 64 hex digits.")
    keys = [use.key for use in TaskSpec.model_validate(evaluation.run_spec["task"]).metrics]
    _check(results=message.results, keys=keys, cases=len(evaluation.outcomes))
    adopt_run(evaluation=evaluation, output_digest=message.output_digest, run=None)
    _store(evaluation=evaluation, results=message.results, keys=keys)
    evaluation.lease_until = next_lease(now)
    evaluation.save(update_fields=["outcomes", "lease_until"])


def _check(*, results: Collection[CaseResult], keys: Collection[str], cases: int) -> None:
    if len({result.case for result in results}) != len(results):
        raise BadReport("One case is reported twice.")
    for result in results:
        if result.case >= cases:
            raise BadReport(f"Case {result.case} is not one of {cases}.")
        if result.failure is not None and result.failure.code not in CaseFailure.__members__:
            raise BadReport(f"{result.failure.code} is not a failure of a case.")
        if result.failure is None and set(result.values) != set(keys):
            different = sorted(set(result.values) ^ set(keys))
            raise BadReport(
                f"Case {result.case} must have a value for every metric of the task: {', '.join(different)}."
            )


def _store(*, evaluation: Evaluation, results: Collection[CaseResult], keys: Collection[str]) -> None:
    rows = {row.key: row for row in evaluation.scores.all()}
    fresh = {
        key: MetricScores(
            evaluation=evaluation,
            key=key,
            output_digest=evaluation.output_digest,
            values=[None] * len(evaluation.outcomes),
        )
        for key in keys
        if key not in rows
    }
    columns = {**rows, **fresh}
    for result in results:
        note: dict[str, Any] = {} if result.failure is None else result.failure.model_dump(mode="json")
        evaluation.outcomes[result.case] = note
        for key in keys:
            columns[key].values[result.case] = result.values.get(key)
    MetricScores.objects.bulk_create(fresh.values())
    MetricScores.objects.bulk_update(rows.values(), ["values"])
