"""Rows of a large board, written through the models. All numbers are drawn here, none is a result."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np

from assay.accounts.models import Team, User
from assay.challenges.models import Challenge, Phase, Task
from assay.datasets.models import Case, Dataset, DatasetState
from assay.evaluations.models import Evaluation, MetricScores, Purpose
from assay.images.models import Image, ImageState
from assay.submissions.models import Submission
from evaluators.contract.catalogue import catalogue
from evaluators.contract.limits import Limits
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SPEC: dict[str, Any] = {
    "kind": "reconstruction",
    "layout": "cmrxrecon-2023",
    "input": "MultiCoil/Cine/{set}/AccFactor{af:02d}/{subject}/cine_{view}.mat",
    "output": {"formats": ["mat-v7"], "variable": "img4ranking", "dtype": "float32", "axes": "x y slice frame"},
    "case": ["subject", "af", "view"],
    "independent": "subject",
    "strata": {
        "af": {"title": "Acceleration", "values": [4, 8, 10]},
        "view": {"title": "View", "values": {"sax": "short axis", "lax": "long axis"}},
    },
    "ranking": {"rule": "sum_of_ranks", "strata": "equal", "missing": "worst"},
}
_LIMITS = {"hardware": "cpu", "time": "30min", "memory": "4GiB", "image": "10GiB"}


def write_board(
    *, methods: int, subjects: int, factors: Sequence[str], views: Sequence[str], keys: Sequence[str], address: str
) -> None:
    """So many teams with a scored method each, on subjects x factors x views cases."""
    challenge, task, phase = address.split("/")
    owner = User.objects.create(username="organiser", email="organiser@assay.example")
    spec = _SPEC | {"metrics": [{"metric": key} for key in keys]}
    dataset = _dataset(owner, list(product([f"subject-{n}" for n in range(subjects)], factors, views)))
    of_phase = Phase.objects.create(
        task=Task.objects.create(
            challenge=Challenge.objects.create(
                slug=challenge, title="Season", summary="", source="schema: 1", created_at=NOW, updated_at=NOW
            ),
            slug=task,
            title="Cine",
            position=0,
            spec=TaskSpec.model_validate(spec).model_dump(mode="json", by_alias=True),
        ),
        slug=phase,
        title="Test",
        position=0,
        ranked=dataset,
        limits=Limits.model_validate(_LIMITS).model_dump(mode="json"),
        quota={"submissions": 3, "every": "day", "attempts": 10},
    )
    teams = Team.objects.bulk_create(Team(slug=f"team-{n}", name=f"Team {n}", created_at=NOW) for n in range(methods))
    images = Image.objects.bulk_create(
        Image(team=team, config_digest=_digest(team.slug), state=ImageState.READY, archive_bytes=5, created_at=NOW)
        for team in teams
    )
    cases = dataset.cases.count()
    evaluations = [_evaluation(image, phase=of_phase, cases=cases) for image in images]
    Evaluation.objects.bulk_create(evaluations, batch_size=200)
    Submission.objects.bulk_create(
        [
            Submission(
                code=f"Z{number:05d}",
                phase=of_phase,
                team=evaluation.team,
                user=owner,
                image=evaluation.image,
                evaluation=evaluation,
                method=f"Method {number}",
                received_at=NOW + timedelta(minutes=number),
            )
            for number, evaluation in enumerate(evaluations)
        ],
        batch_size=200,
    )
    _write_scores(evaluations, keys=keys, cases=cases)


def _write_scores(evaluations: Sequence[Evaluation], *, keys: Sequence[str], cases: int) -> None:
    random = np.random.default_rng(0)
    hardness = random.normal(0, 0.02, cases)
    for start in range(0, len(evaluations), 100):
        some = evaluations[start : start + 100]
        skill = random.normal(0.85, 0.04, (len(some), 1))
        ssim = np.clip(skill + hardness + random.normal(0, 0.01, (len(some), cases)), 0.01, 0.999)
        columns = {"ssim": ssim, "psnr": 20 + 20 * ssim, "nmse": (1 - ssim) ** 1.6}
        MetricScores.objects.bulk_create(
            MetricScores(evaluation=evaluation, key=key, output_digest=_digest("run"), values=columns[key][at].tolist())
            for at, evaluation in enumerate(some)
            for key in keys
        )


def _evaluation(image: Image, *, phase: Phase, cases: int) -> Evaluation:
    return Evaluation(
        team=image.team,
        image=image,
        dataset=phase.ranked,
        run_spec={"task": phase.task.spec, "limits": phase.limits},
        run_spec_digest=_digest("run spec"),
        scorer=catalogue().scorer,
        purpose=Purpose.RANKED,
        hardware="cpu",
        pseudonym_seed=_digest("seed"),
        state=EvaluationState.SCORED.value,
        attempt=1,
        queued_at=NOW,
        started_at=NOW,
        finished_at=NOW + timedelta(minutes=9),
        run={"seconds": 412.0, "peak_memory": 2_101_341_478},
        output_digest=_digest("run"),
        outcomes=[{}] * cases,
    )


def _dataset(owner: User, cases: Sequence[tuple[str, str, str]]) -> Dataset:
    dataset = Dataset.objects.create(
        name="season", version=1, owner=owner, state=DatasetState.SEALED, layout="cmrxrecon-2023", is_public=False,
        sha256=_digest("season"), wrapped_key="wrapped", created_at=NOW, sealed_at=NOW,
    )  # fmt: skip
    Case.objects.bulk_create(
        Case(
            dataset=dataset, index=index, label=f"case {index + 1}", unit=unit, group=f"{unit}/{af}",
            shape=[96, 72, 2, 8], strata={"af": af, "view": view},
        )
        for index, (unit, af, view) in enumerate(cases)
    )  # fmt: skip
    return dataset


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
