"""A small challenge with its people, made through the models: two teams, one hidden dataset of twelve cases, one open phase."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from assay.accounts.models import Membership, Role, Team, User
from assay.challenges.models import Challenge, Phase, Task
from assay.datasets.keys import wrap_key
from assay.datasets.models import Case, CaseFile, Dataset, DatasetState, FileRole
from assay.evaluations import services as evaluations
from assay.evaluations.models import Evaluation, Purpose, Worker
from assay.images.models import Image, ImageState
from evaluators.contract.catalogue import catalogue
from evaluators.contract.failures import FailureNote
from evaluators.contract.jobs import CaseReport, ClaimRequest, FinishReport, Job, StateReport
from evaluators.contract.scores import CaseResult, RunFacts
from evaluators.contract.states import EvaluationState
from evaluators.contract.tasks import TaskSpec

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
KEY = "ab" * 32
SPEC: dict[str, Any] = {
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
    "metrics": [
        {"metric": "ssim", "region": "challenge-crop"},
        {"metric": "nmse", "region": "challenge-crop", "digits": 4},
        {"metric": "ssim", "as": "ssim_full", "region": "full", "ranks": False, "column": "more"},
    ],
    "ranking": {"rule": "sum_of_ranks", "strata": "equal", "missing": "worst"},
}
KEYS = ("ssim", "nmse", "ssim_full")
LIMITS: dict[str, Any] = {"hardware": "cpu", "time": 600, "memory": "1GiB", "image": "2GiB"}
#: words that must never leave the site: what unit a case belongs to, what is grouped, where references lie
SECRETS = ("subject-", "group-", "references/", "pseudonym")


def digest(text: str) -> str:
    """64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(kw_only=True)
class Scene:
    """Everything that a test needs to begin with."""

    captain: User
    member: User
    outsider: User
    organiser: User
    team: Team
    other_team: Team
    image: Image
    other_image: Image
    dataset: Dataset
    phase: Phase
    task: TaskSpec
    worker: Worker
    second_worker: Worker


def build_scene() -> Scene:
    """Write the scene into an empty database."""
    captain, member, outsider, organiser = (
        User.objects.create(username=name, email=f"{name}@assay.example", is_staff=name == "organiser")
        for name in ("captain", "member", "outsider", "organiser")
    )
    team = make_team("north", {captain: Role.CAPTAIN, member: Role.MEMBER})
    other_team = make_team("south", {outsider: Role.CAPTAIN})
    dataset = make_dataset("hidden", owner=organiser)
    challenge = Challenge.objects.create(slug="cine", title="Cine", summary="", created_at=NOW, updated_at=NOW)
    challenge.organisers.add(organiser)
    task = Task.objects.create(challenge=challenge, slug="multicoil", title="Multi-coil", position=0, spec=SPEC)
    phase = make_phase(task, "test", dataset=dataset)
    return Scene(
        captain=captain,
        member=member,
        outsider=outsider,
        organiser=organiser,
        team=team,
        other_team=other_team,
        image=make_image(team, "first"),
        other_image=make_image(other_team, "second"),
        dataset=dataset,
        phase=phase,
        task=task.parsed(),
        worker=make_worker("bench-1"),
        second_worker=make_worker("bench-2"),
    )


def make_team(slug: str, people: Mapping[User, Role]) -> Team:
    """A team and its members."""
    team = Team.objects.create(slug=slug, name=slug.title(), created_at=NOW)
    for user, role in people.items():
        Membership.objects.create(team=team, user=user, role=role, since=NOW)
    return team


def make_dataset(name: str, *, owner: User, public: bool = False) -> Dataset:
    """Two subjects x AF 4, 8, 10 x sax, lax = twelve cases; a group is (subject, AF)."""
    dataset = Dataset.objects.create(
        name=name,
        version=1,
        owner=owner,
        state=DatasetState.SEALED,
        layout="cmrxrecon-2023",
        is_public=public,
        sha256=digest(name),
        wrapped_key=wrap_key(KEY, address=f"{name}@1"),
        created_at=NOW,
        sealed_at=NOW,
    )
    cases = Case.objects.bulk_create(
        Case(
            dataset=dataset,
            index=index,
            label=f"case {index + 1:02d}",
            unit=f"subject-{subject}",
            group=f"group-{subject}-{af}",
            strata={"af": af, "view": view},
            shape=[8, 8, 2, 3],
        )
        for index, (subject, af, view) in enumerate(product(("a", "b"), ("4", "8", "10"), ("sax", "lax")))
    )
    CaseFile.objects.bulk_create(file for case in cases for file in _files(case))
    return dataset


def _files(case: Case) -> list[CaseFile]:
    af, view = case.strata["af"], case.strata["view"]
    path = f"MultiCoil/Cine/TestSet/AccFactor{int(af):02d}/{{name}}/cine_{view}.mat"
    files = (
        (FileRole.INPUT, 0, path),
        (FileRole.INPUT, 1, path.replace(".mat", "_mask.mat")),
        (FileRole.REFERENCE, 0, f"references/{case.unit}-{af}-{view}.npy"),
    )
    return [
        CaseFile(case=case, role=role, position=position, path=path, sha256=digest(f"{case}{role}{path}"), size=5)
        for role, position, path in files
    ]


def make_phase(task: Task, slug: str, *, dataset: Dataset, position: int = 0, **changes: Any) -> Phase:
    """A phase that is open around NOW, with three submissions a day."""
    fields: dict[str, Any] = {
        "title": slug.title(),
        "opens_at": NOW - timedelta(days=10),
        "closes_at": NOW + timedelta(days=10),
        "limits": LIMITS,
        "quota": {"submissions": 3, "every": "day", "attempts": 6},
        **changes,
    }
    return Phase.objects.create(task=task, slug=slug, position=position, ranked=dataset, **fields)


def make_image(team: Team, text: str, **changes: Any) -> Image:
    """An image that has arrived."""
    fields = {"state": ImageState.READY, "archive_bytes": 5, "unpacked_bytes": 5, "created_at": NOW, **changes}
    return Image.objects.create(team=team, config_digest=digest(text), **fields)


def make_worker(name: str, *, hardware: str = "cpu") -> Worker:
    """A registered worker."""
    evaluations.register_worker(name=name, hardware=hardware, now=NOW)
    return Worker.objects.get(name=name)


def queue(scene: Scene, *, text: str = "", team: Team | None = None, at: datetime = NOW, **changes: Any) -> Evaluation:
    """A queued evaluation: of the scene's image, or of a new one."""
    team = team or scene.team
    image = make_image(team, text) if text else (scene.image if team == scene.team else scene.other_image)
    phase = scene.phase
    return evaluations.request(
        team=team,
        image=image,
        dataset=changes.pop("dataset", scene.dataset),
        task=scene.task,
        limits=changes.pop("limits", phase.parsed_limits()),
        purpose=Purpose.RANKED,
        now=at,
        **changes,
    )


def ask(hardware: str = "cpu", scorer: str = "") -> ClaimRequest:
    """A worker's request for work."""
    return ClaimRequest(hardware=hardware, scorer=scorer or catalogue().scorer)


def claim(scene: Scene, *, worker: Worker | None = None, at: datetime = NOW) -> Job:
    """A claim that must succeed."""
    job = evaluations.claim(worker=worker or scene.worker, request=ask(), now=at)
    assert job is not None
    return job


def run_facts(output: str = "run-1", **changes: Any) -> RunFacts:
    """What a run left, under an output digest made from a word."""
    fields = {
        "output_digest": digest(output),
        "files_present": 12,
        "files_expected": 12,
        "seconds": 61.4,
        "peak_memory": 1_234_567_890,
        "output_bytes": 1000,
    }
    return RunFacts.model_validate({**fields, **changes})


def values(ssim: float = 0.9) -> dict[str, float]:
    """A value for every metric of the task."""
    return {"ssim": ssim, "nmse": round(1 - ssim, 6), "ssim_full": ssim}


def results(ssims: Mapping[int, float | str]) -> tuple[CaseResult, ...]:
    """Case -> SSIM, or the code of its failure."""
    return tuple(
        CaseResult(case=case, failure=FailureNote(code=ssim))
        if isinstance(ssim, str)
        else CaseResult(case=case, values=values(ssim))
        for case, ssim in ssims.items()
    )


def start_scoring(scene: Scene, job: Job, *, output: str = "run-1", worker: Worker | None = None) -> None:
    """Container started and ended; its outputs are about to be scored."""
    worker = worker or scene.worker
    for message in (
        StateReport(attempt=job.attempt, state=EvaluationState.RUNNING),
        StateReport(attempt=job.attempt, state=EvaluationState.SCORING, run=run_facts(output)),
    ):
        evaluations.report_state(worker=worker, pk=evaluation_of(job).pk, message=message, now=NOW)


def report(
    scene: Scene, job: Job, ssims: Mapping[int, float | str], *, output: str = "run-1", worker: Worker | None = None
) -> None:
    """Case results of one run."""
    message = CaseReport(attempt=job.attempt, output_digest=digest(output), results=results(ssims))
    evaluations.record_cases(worker=worker or scene.worker, pk=evaluation_of(job).pk, message=message, now=NOW)


def finish(scene: Scene, job: Job, *, worker: Worker | None = None, at: datetime = NOW, **report: Any) -> None:
    """The end of an attempt."""
    message = FinishReport(attempt=job.attempt, **report)
    evaluations.finish(worker=worker or scene.worker, pk=evaluation_of(job).pk, message=message, now=at)


def score_all(
    scene: Scene,
    *,
    ssim: float = 0.9,
    failures: Mapping[int, str] | None = None,
    each: Mapping[int, float] | None = None,
) -> Evaluation:
    """Claim whatever is next and carry it to `scored`."""
    job = claim(scene)
    start_scoring(scene, job)
    report(scene, job, dict.fromkeys(range(12), ssim) | dict(each or {}) | dict(failures or {}))
    finish(scene, job)
    return evaluation_of(job)


def evaluation_of(job: Job) -> Evaluation:
    """The job's evaluation as it stands in the database."""
    return Evaluation.objects.get(pk=job.evaluation)


def scores_of(evaluation: Evaluation) -> dict[str, list[float | None]]:
    """Metric key -> packed values."""
    return {row.key: row.values for row in evaluation.scores.all()}
