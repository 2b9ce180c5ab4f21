"""What a challenge file asks of the site: accounts, sealed datasets that fit the task, dates that are still to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.accounts.models import User
from assay.accounts.selectors import user_called
from assay.challenges.explain import did_you_mean, quoted
from assay.challenges.models import Challenge, Phase
from assay.challenges.plan import ChallengePlan, PhasePlan
from assay.challenges.problems import Problem
from assay.config.errors import NotFound
from assay.datasets.models import Case, Dataset, DatasetState, FileRole
from assay.datasets.selectors import first_inputs
from evaluators.contract.catalogue import catalogue
from evaluators.contract.datasets import reference_parts
from evaluators.contract.paths import PathMismatch
from evaluators.contract.tasks import TaskSpec


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The rows that the file names."""

    organisers: tuple[User, ...]
    datasets: Mapping[str, Dataset]


def find_needs(plan: ChallengePlan, *, actor: User) -> tuple[Needs, list[Problem]]:
    """Look up what the file names. With problems, the needs are not complete."""
    problems: list[Problem] = []
    organisers = _organisers(plan, actor=actor, problems=problems)
    # who is named in a file has not agreed to it: hidden data take part by the hand of their owner, or of a challenge
    # that the owner organises already
    standing = User.objects.filter(challenges__slug=plan.slug)
    owners = [actor, *standing]
    datasets: dict[str, Dataset] = {}
    for task in plan.tasks:
        for phase in task.phases:
            for key, address in (("ranked", phase.ranked), ("sample", phase.sample)):
                if address is None:
                    continue
                path = (*phase.path, "data", key)
                dataset = _dataset(address)
                faults = list(_faults(dataset, address, key=key, spec=task.spec, owners=owners))
                problems += [Problem(at=plan.document.place(path), message=text, fix=fix) for text, fix in faults]
                if dataset is not None:
                    datasets[address] = dataset
                if dataset is not None and not faults and key == "ranked" and phase.predictions:
                    at = plan.document.place((*phase.path, "predictions"))
                    found = _prediction_faults(dataset, inputs=phase.predictions, spec=task.spec)
                    problems += [Problem(at=at, message=text, fix=fix) for text, fix in found]
    return Needs(organisers=tuple(organisers), datasets=datasets), problems


def check_dates(plan: ChallengePlan, challenge: Challenge | None, *, now: datetime) -> list[Problem]:
    """Dates of phases that are new on the site must lie ahead: a phase that was open before it existed is a mistake."""
    known = (
        set()
        if challenge is None
        else set(Phase.objects.filter(task__challenge=challenge).values_list("task__slug", "slug"))
    )
    problems: list[Problem] = []
    for task in plan.tasks:
        for phase in task.phases:
            if (task.slug, phase.slug) in known:
                continue
            for key, moment, fix in _past(phase, now=now):
                at = plan.document.place((*phase.path, "open", key))
                problems.append(Problem(at=at, message=f"{moment:%Y-%m-%d %H:%M} UTC is in the past", fix=fix))
    return problems


def _past(phase: PhasePlan, *, now: datetime) -> Iterator[tuple[str, datetime, str]]:
    if phase.opens_at is not None and phase.opens_at < now:
        yield "from", phase.opens_at, "leave `from` out to open at once"
    if phase.closes_at is not None and phase.closes_at < now:
        yield "until", phase.closes_at, "write a date to come"


def _organisers(plan: ChallengePlan, *, actor: User, problems: list[Problem]) -> list[User]:
    found: list[User] = []
    for place, name in enumerate(plan.organisers):
        try:
            found.append(user_called(name))
        except NotFound:
            at = plan.document.place(("organisers", place))
            fix = "write the user name or address of an account here; they can sign up first"
            problems.append(Problem(at=at, message=f"{quoted(name)} has no account", fix=fix))
    if not problems and not actor.is_superuser and actor not in found:
        at = plan.document.place(("organisers",))
        fix = f'add "{actor.username}", or you could not change it afterwards'
        problems.append(Problem(at=at, message="you are not among the organisers", fix=fix))
    return found


def _dataset(address: str) -> Dataset | None:
    name, _, version = address.partition("@")
    return Dataset.objects.filter(name=name, version=int(version)).first()


def _faults(
    dataset: Dataset | None, address: str, *, key: str, spec: TaskSpec, owners: list[User]
) -> Iterator[tuple[str, str]]:
    """Each fault as (message, fix). Another organiser's hidden dataset is told like one that is not there."""
    mine = {owner.pk for owner in owners}
    if dataset is None or not (dataset.is_public or dataset.owner_id in mine):
        own = Dataset.objects.filter(owner__in=mine).order_by("name", "version")
        near = did_you_mean(address, among=[str(row) for row in own])
        yield f"there is no dataset {address}", near if near.startswith("did you") else "upload and seal it first"
        return
    if dataset.state != DatasetState.SEALED:
        yield f"{address} is still a draft", "seal it first"
        return
    if key == "sample" and not dataset.is_public:
        yield f"{address} is hidden, and a sample is for everybody", "upload the sample with `--public`"
    if dataset.layout != spec.layout:
        yield (
            f"{address} has the layout {quoted(dataset.layout)}, the task {quoted(spec.layout)}",
            "name data of its layout",
        )
    yield from _case_faults(dataset, spec=spec)
    yield from _file_faults(dataset, spec=spec)


def _prediction_faults(dataset: Dataset, *, inputs: str, spec: TaskSpec) -> Iterator[tuple[str, str]]:
    """Why teams cannot send result files for this version: they must hold its inputs, and know them by fixed names."""
    if inputs == "public" and not dataset.is_public:
        fix = "write `predictions: given-out` if you gave its inputs to the teams, or take the line out"
        yield f"{dataset} is hidden: teams do not hold its inputs", fix
        return
    if inputs == "given-out" and dataset.is_public:
        yield f"{dataset} is public: everybody holds its inputs", "write `predictions: public`"
        return
    firsts = first_inputs(dataset)
    if not firsts:
        fix = "import it again with `assay dataset import … --inputs-given-out`, or take `predictions` out"
        yield f"{dataset} does not tell the names under which its inputs were given out", fix
    elif len({spec.answer(first) for first in firsts}) != len(firsts):
        yield f"{dataset}: two cases would be answered by one file", "write every part of the case into output.path"


def _file_faults(dataset: Dataset, *, spec: TaskSpec) -> Iterator[tuple[str, str]]:
    """One case that lacks a reference which the task's metrics need, one whose output has no place."""
    offer = catalogue().kinds.get(spec.kind)
    needed = () if offer is None else offer.parts_of(use.metric for use in spec.metrics)
    told: set[str] = set()
    for case in Case.objects.filter(dataset=dataset).order_by("index").prefetch_related("files"):
        files = sorted(case.files.all(), key=lambda file: file.position)
        held = reference_parts([file.path for file in files if file.role == FileRole.REFERENCE])
        for part in needed:
            if part.name not in held and part.name not in told:
                told.add(part.name)
                who = f"which {' and '.join(part.metrics)} need" if part.metrics else "which the task needs"
                yield (
                    f"{dataset}: {case.label} has no {part.title}, {who}",
                    "import it with them, or take the column out",
                )
        try:
            spec.answer(next(file.path for file in files if file.role == FileRole.INPUT))
        except PathMismatch:
            if "path" not in told:
                told.add("path")
                yield (
                    f"{dataset}: the paths of {case.label} do not follow `input`",
                    "write `input` as its layout has it",
                )


def _case_faults(dataset: Dataset, *, spec: TaskSpec) -> Iterator[tuple[str, str]]:
    axes = len(spec.output.axes.split())
    told: set[str] = set()
    rows = Case.objects.filter(dataset=dataset).values_list("label", "strata", "shape", "affine")
    for label, strata, shape, affine in rows:
        if len(shape) != axes and "shape" not in told:
            told.add("shape")
            yield f"{dataset}: {label} has {len(shape)} axes, output names {axes}", "name the axes of the reference"
        if spec.output.classes and affine is None and "affine" not in told:
            told.add("affine")
            yield (
                f"{dataset}: {label} does not say where its voxels lie",
                "import it again, with the affine of its images",
            )
        for name, stratum in spec.strata.items():
            value = strata.get(name)
            if value not in stratum.values and name not in told:
                told.add(name)
                has = "no value" if value is None else quoted(value)
                yield (
                    f"{dataset}: {label} has {has} for the stratum {quoted(name)}",
                    (f"the task knows {', '.join(stratum.values)}"),
                )
