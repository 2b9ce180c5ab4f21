"""A small site as it looks in the middle of a challenge: seven methods, three of them baselines, every state once.

Written through the models, so that each page can be looked at in any state. All numbers are drawn here, none is a result.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from assay.accounts.models import Membership, Role, Team, User
from assay.challenges.models import Challenge, Phase, Task
from assay.datasets.models import Case, CaseFile, Dataset, DatasetState, FileRole
from assay.evaluations.models import Evaluation, MetricScores, Purpose, Transition, Worker
from assay.images.models import Image, ImageState
from assay.submissions.models import Submission
from evaluators.contract.catalogue import catalogue
from evaluators.contract.limits import Limits
from evaluators.contract.states import LEASED, EvaluationState
from evaluators.contract.tasks import TaskSpec

PASSWORD = "a long enough phrase"
SUBJECTS, FACTORS, VIEWS = 12, ("4", "8", "10"), ("sax", "lax")

SPEC: dict[str, Any] = {
    "kind": "reconstruction",
    "mode": "batch",
    "layout": "cmrxrecon-2023",
    "input": "MultiCoil/Cine/{set}/AccFactor{af:02d}/{subject}/cine_{view}.mat",
    "output": {
        "path": "same-as-input",
        "formats": ["mat-v7", "mat-v7.3"],
        "variable": "img4ranking",
        "dtype": "float32",
        "axes": "x y slice frame",
        "shape": "as-reference",
    },
    "case": ["subject", "af", "view"],
    "independent": "subject",
    "strata": {
        "af": {"title": "Acceleration", "values": [4, 8, 10]},
        "view": {"title": "View", "values": {"sax": "short axis", "lax": "long axis"}},
        "anatomy": {"title": "Anatomy", "values": {"phantom": "phantom", "real": "real"}},
    },
    "metrics": [
        {"metric": "ssim", "region": "challenge-crop", "digits": 3},
        {"metric": "psnr", "region": "challenge-crop", "digits": 2},
        {"metric": "nmse", "region": "challenge-crop", "digits": 4},
        {"metric": "ssim", "as": "ssim_full", "region": "full", "ranks": False, "column": "more", "digits": 3},
        {"metric": "psnr", "as": "psnr_full", "region": "full", "ranks": False, "column": "more", "digits": 2},
        {"metric": "nmse", "as": "nmse_full", "region": "full", "ranks": False, "column": "more", "digits": 4},
    ],
    "ranking": {"rule": "sum_of_ranks", "strata": "equal", "ties": "min", "missing": "worst"},
}
LIMITS: dict[str, Any] = {
    "hardware": "cpu",
    "time": "30min",
    "memory": "4GiB",
    "shm": "256MiB",
    "cpus": 2,
    "pids": 512,
    "output": "512MiB",
    "image": "10GiB",
}
#: method, team, baseline, SSIM at AF 4, loss a step of AF, seconds a case
METHODS = (
    ("Zero-filled", "baselines", True, 0.782, 0.045, 0.1),
    ("U-Net", "baselines", True, 0.905, 0.030, 1.4),
    ("E2E-VarNet", "baselines", True, 0.952, 0.014, 5.1),
    ("PromptNet", "leeds", False, 0.958, 0.011, 4.2),
    ("VarNet-XL with learned coil sensitivities", "gdansk", False, 0.957, 0.012, 6.0),
    ("KT-net", "delft", False, 0.949, 0.013, 3.9),
)


def digest_of(text: str) -> str:
    """A digest that looks like one."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(kw_only=True)
class World:
    """Everything that was made, by name."""

    now: datetime
    phase: Phase
    people: dict[str, User]
    teams: dict[str, Team]
    worker: Worker
    submissions: dict[str, Submission] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    @property
    def address(self) -> str:
        """challenge/task/phase"""
        return self.phase.address


def build_world(*, now: datetime | None = None, phase_changes: dict[str, Any] | None = None) -> World:
    """The whole site; `phase_changes` are set on the phase before anything is submitted."""
    now = now or datetime.now(UTC).replace(microsecond=0)
    people = {name: _person(name, now=now) for name in ("organiser", "captain", "member", "outsider")}
    people["organiser"].is_staff = True
    people["organiser"].save()
    teams = {
        slug: Team.objects.create(slug=slug, name=name, created_at=now - timedelta(days=40))
        for slug, name in (
            ("baselines", "Assay baselines"),
            ("leeds", "Leeds"),
            ("gdansk", "Gdańsk Heart Lab"),
            ("delft", "Delft"),
        )
    }
    for slug, person, role in (
        ("baselines", "organiser", Role.CAPTAIN),
        ("gdansk", "captain", Role.CAPTAIN),
        ("gdansk", "member", Role.MEMBER),
        ("delft", "outsider", Role.CAPTAIN),
    ):
        Membership.objects.create(user=people[person], team=teams[slug], role=role, since=now)
    phase = _challenge(people["organiser"], now=now, changes=phase_changes or {})
    worker = Worker.objects.create(
        name="box-1", hardware="cpu", digest=digest_of("worker"), created_at=now, seen_at=now - timedelta(seconds=9)
    )
    world = World(now=now, phase=phase, people=people, teams=teams, worker=worker, cases=list(phase.ranked.cases.all()))
    for number, (method, team, baseline, ssim, slope, pace) in enumerate(METHODS):
        missing = (5, 31) if method == "KT-net" else ()
        add_scored(
            world, method, team=team, baseline=baseline, ssim=ssim, slope=slope, pace=pace, missing=missing,
            at=now - timedelta(days=6 - number, minutes=17 * number),
        )  # fmt: skip
    return world


def add_every_state(world: World) -> None:
    """One submission in each state that has not been scored."""
    hour = timedelta(hours=1)
    add(world, "Cascade-8", team="gdansk", state=EvaluationState.FAILED, at=world.now - 20 * hour, failure="OOM_RAM",
        progress={"files_present": 31, "files_expected": 72, "seconds": 412.3, "memory": 4_402_341_478})  # fmt: skip
    add(world, "Slow diffusion", team="delft", state=EvaluationState.FAILED, at=world.now - 9 * hour, failure="TIMEOUT",
        progress={"files_present": 12, "files_expected": 72, "seconds": 1800.0, "memory": 2_101_341_478})  # fmt: skip
    add(world, "Our fault", team="gdansk", state=EvaluationState.PLATFORM_ERROR, at=world.now - 5 * hour,
        failure="SCORER", attempt=3)  # fmt: skip
    add(world, "Called off", team="gdansk", state=EvaluationState.CANCELLED, at=world.now - 4 * hour)
    add(world, "Cascade-12", team="gdansk", state=EvaluationState.RUNNING, at=world.now - hour / 6,
        progress={"files_present": 44, "files_expected": 72, "seconds": 365.0, "memory": 3_101_341_478})  # fmt: skip
    add(world, "KT-net 2", team="delft", state=EvaluationState.QUEUED, at=world.now - hour / 12)


def add(
    world: World,
    method: str,
    *,
    team: str,
    state: EvaluationState,
    at: datetime,
    failure: str = "",
    attempt: int = 1,
    baseline: bool = False,
    progress: dict[str, Any] | None = None,
) -> Submission:
    """A submission whose evaluation stands in `state`, with the steps that led there in its log."""
    image = Image.objects.create(
        team=world.teams[team], config_digest=digest_of(method), state=ImageState.READY, architecture="amd64",
        archive_bytes=913_408_512, created_at=at, ready_at=at,
    )  # fmt: skip
    leased = state in LEASED
    evaluation = Evaluation.objects.create(
        team=world.teams[team],
        image=image,
        dataset=world.phase.ranked,
        run_spec={"task": world.phase.task.spec, "limits": world.phase.limits},
        run_spec_digest=digest_of("run spec"),
        scorer=catalogue().scorer,
        purpose=Purpose.RANKED,
        hardware="cpu",
        pseudonym_seed=digest_of(method + "seed"),
        state=state.value,
        attempt=0 if state is EvaluationState.QUEUED else attempt,
        worker=world.worker if leased else None,
        lease_until=world.now + timedelta(seconds=60) if leased else None,
        queued_at=at,
        started_at=None if state is EvaluationState.QUEUED else at + timedelta(seconds=40),
        finished_at=at + timedelta(minutes=9) if state not in LEASED | {EvaluationState.QUEUED} else None,
        failure={"code": failure, "detail": ""} if failure else None,
        progress=progress or {},
        outcomes=[None] * len(world.cases),
    )
    _log(evaluation, state=state, at=at, worker=world.worker.name, failure=failure)
    person = next((m.user for m in world.teams[team].membership_set.all()), world.people["organiser"])
    world.submissions[method] = Submission.objects.create(
        code=digest_of(method)[:5].upper().translate(str.maketrans("01", "XY")),
        phase=world.phase, team=world.teams[team], user=person, image=image, evaluation=evaluation,
        method=method, is_baseline=baseline, received_at=at,
    )  # fmt: skip
    return world.submissions[method]


def add_scored(
    world: World,
    method: str,
    *,
    team: str,
    ssim: float,
    at: datetime,
    slope: float = 0.01,
    pace: float = 1.0,
    baseline: bool = False,
    missing: tuple[int, ...] = (),
) -> Submission:
    """A scored submission; `missing` are the cases without a file."""
    submission = add(world, method, team=team, state=EvaluationState.SCORED, at=at, baseline=baseline)
    evaluation = submission.evaluation
    random = Random(method)
    values: dict[str, list[float | None]] = {use["as"] if "as" in use else use["metric"]: [] for use in SPEC["metrics"]}
    for case in world.cases:
        found = None if case.index in missing else _scores(case, ssim=ssim, slope=slope, random=random)
        for key, column in values.items():
            column.append(found[key] if found else None)
    digest = digest_of(method + "outputs")
    evaluation.outcomes = [
        {"code": "MISSING_FILE", "detail": ""} if case.index in missing else {} for case in world.cases
    ]
    evaluation.output_digest = digest
    evaluation.run = {
        "output_digest": digest,
        "files_present": len(world.cases) - len(missing),
        "files_expected": len(world.cases),
        "seconds": pace * len(world.cases),
        "peak_memory": 1_932_735_283,
        "output_bytes": 88_080_384,
        "provenance": {"engine": "20.10.24", "kernel": "6.1.0-38-amd64", "scorer image": f"sha256:{digest_of('s')}"},
    }
    evaluation.save()
    for key, column in values.items():
        MetricScores.objects.create(evaluation=evaluation, key=key, output_digest=digest, values=column)
    return submission


def _scores(case: Case, *, ssim: float, slope: float, random: Random) -> dict[str, float]:
    step = FACTORS.index(case.strata["af"])
    shift = -0.006 if case.strata["anatomy"] == "real" else 0.002
    crop = min(0.995, max(0.05, ssim - slope * step + shift + random.gauss(0, 0.006)))
    full = min(0.995, crop - 0.012 + random.gauss(0, 0.002))
    return {
        "ssim": crop, "psnr": 20 + 20 * crop + random.gauss(0, 0.3), "nmse": max(1e-4, (1 - crop) ** 1.6),
        "ssim_full": full, "psnr_full": 20 + 20 * full + random.gauss(0, 0.3), "nmse_full": max(1e-4, (1 - full) ** 1.6),
    }  # fmt: skip


def _person(name: str, *, now: datetime) -> User:
    user = User(username=name, email=f"{name}@team.example", date_joined=now)
    user.set_password(PASSWORD)
    user.save()
    return user


def _challenge(organiser: User, *, now: datetime, changes: dict[str, Any]) -> Phase:
    challenge = Challenge.objects.create(
        slug="cine-demo",
        title="Cine demo",
        summary="Reconstruct the beating heart from 4, 8 and 10 times undersampled k-space.",
        source="schema: 1",
        created_at=now,
        updated_at=now,
    )
    challenge.organisers.add(organiser)
    task = Task.objects.create(
        challenge=challenge, slug="cine-multicoil", title="Cine, multi-coil", position=0,
        spec=TaskSpec.model_validate(SPEC).model_dump(mode="json", by_alias=True),
    )  # fmt: skip
    ranked = _dataset("cine-demo-test", organiser, now=now, public=False, subjects=SUBJECTS)
    sample = _dataset("cine-demo-sample", organiser, now=now, public=True, subjects=1)
    fields: dict[str, Any] = {
        "slug": "test", "title": "Test", "position": 0, "ranked": ranked, "sample": sample,
        "limits": Limits.model_validate(LIMITS).model_dump(mode="json"),
        "quota": {"submissions": 3, "every": "day", "attempts": 10},
    }  # fmt: skip
    return Phase.objects.create(task=task, **{**fields, **changes})


def _dataset(name: str, owner: User, *, now: datetime, public: bool, subjects: int) -> Dataset:
    dataset = Dataset.objects.create(
        name=name, version=1, owner=owner, state=DatasetState.SEALED, layout="cmrxrecon-2023", is_public=public,
        sha256=digest_of(name), wrapped_key="wrapped", created_at=now, sealed_at=now,
    )  # fmt: skip
    keys = [(subject, af, view) for subject in range(subjects) for af in FACTORS for view in VIEWS]
    Case.objects.bulk_create(
        Case(
            dataset=dataset, index=index, label=f"case {index + 1:02d}", unit=f"subject-{subject}",
            group=f"subject-{subject}/{af}", shape=[96, 72, 2, 8],
            strata={"af": af, "view": view, "anatomy": "real" if subject >= subjects - 2 else "phantom"},
        )
        for index, (subject, af, view) in enumerate(keys)
    )  # fmt: skip
    CaseFile.objects.bulk_create(
        CaseFile(case=case, role=FileRole.INPUT, position=position, size=1024, sha256=digest_of(f"{case}{position}"),
            path=f"MultiCoil/Cine/TestSet/AccFactor{int(case.strata['af']):02d}/{{name}}/cine_{case.strata['view']}{mask}.mat")
        for case in dataset.cases.all()
        for position, mask in enumerate(("", "_mask"))
    )  # fmt: skip
    return dataset


def _log(evaluation: Evaluation, *, state: EvaluationState, at: datetime, worker: str, failure: str) -> None:
    path = {
        EvaluationState.QUEUED: ["queued"],
        EvaluationState.CANCELLED: ["queued", "cancelled"],
        EvaluationState.RUNNING: ["queued", "preparing", "running"],
        EvaluationState.SCORED: ["queued", "preparing", "running", "scoring", "scored"],
        EvaluationState.FAILED: ["queued", "preparing", "running", "failed"],
        EvaluationState.PLATFORM_ERROR: ["queued", "preparing", "running", "scoring", "platform_error"],
    }[state]
    gaps = [0, 130, 40, 365, 95]
    for before, after, gap in zip(path, path[1:], gaps[1:], strict=False):
        at += timedelta(seconds=gap)
        Transition.objects.create(
            evaluation=evaluation, before=before, after=after, attempt=evaluation.attempt, worker=worker, at=at,
            reason=failure if after in {"failed", "platform_error"} else "",
        )  # fmt: skip
