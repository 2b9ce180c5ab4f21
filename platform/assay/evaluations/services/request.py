"""Asks for an evaluation. The same question is asked once: its answer is shared."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from assay.accounts.models import Team
from assay.datasets.models import Dataset
from assay.evaluations.models import Evaluation, Purpose
from assay.images.models import Image
from assay.predictions.models import Predictions
from evaluators.contract.catalogue import catalogue
from evaluators.contract.limits import Limits
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec

#: an evaluation that will never have an answer
_DEAD = (EvaluationState.PLATFORM_ERROR, EvaluationState.CANCELLED)


def run_spec_of(*, task: TaskSpec, limits: Limits) -> tuple[dict[str, Any], str]:
    """What decides a run besides image and data, and the SHA-256 over its canonical JSON."""
    spec = {"task": task.model_dump(mode="json", by_alias=True), "limits": limits.model_dump(mode="json")}
    canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return spec, hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def request(
    *,
    team: Team,
    image: Image | None = None,
    predictions: Predictions | None = None,
    rehearsal: str = "",
    dataset: Dataset,
    task: TaskSpec,
    limits: Limits,
    purpose: Purpose,
    now: datetime,
    again: bool = False,
    outputs_of: Evaluation | None = None,
) -> Evaluation:
    """The evaluation of this image, or of these result files, on this dataset under this run spec by this release's scorer:
    found, or queued. One of the two is given, or a `rehearsal` in their place.

    outputs_of: score what this run left in place of a new run (`rescore` checks that it may be).
    again: queue a new one beside the old, which is kept. One that was cancelled or that we broke is never shared.
    The caller announces it, and holds the team's row where two requests at once must not both say `again`.
    """
    spec, digest = run_spec_of(task=task, limits=limits)
    key: dict[str, Any] = {
        "team": team,
        "image": image,
        "predictions": predictions,
        "rehearsal": rehearsal,
        "dataset": dataset,
        "run_spec_digest": digest,
        "scorer": catalogue().scorer,
        "purpose": purpose,
    }
    last = Evaluation.objects.filter(**key).aggregate(last=Max("repeat"))["last"]
    repeat = 0 if last is None else last
    if last is not None:
        newest = Evaluation.objects.get(**key, repeat=last)
        if again or newest.state in _DEAD or newest.cancel_requested_at is not None:
            repeat = last + 1
    evaluation, _ = Evaluation.objects.get_or_create(
        **key,
        repeat=repeat,
        defaults={
            "run_spec": spec,
            "hardware": limits.hardware,
            "outputs_of": outputs_of,
            "pseudonym_seed": secrets.token_hex(32) if outputs_of is None else outputs_of.pseudonym_seed,
            "queued_at": now,
            "outcomes": [None] * dataset.cases.count(),
        },
    )
    return evaluation
