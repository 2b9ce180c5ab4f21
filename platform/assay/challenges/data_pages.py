"""Pages of an organiser's data: versions, cases, counts by stratum, and every case that a task of theirs cannot score."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assay.accounts.models import User
from assay.challenges.fits import Misfit, misfits
from assay.challenges.models import Phase, Task
from assay.challenges.pages import organiser_of
from assay.challenges.requirements import facts_of
from assay.config.pages import page
from assay.datasets.models import Case, CaseFile, Dataset, DatasetState, FileRole
from assay.datasets.selectors import own_dataset

#: of one task, as many as a person reads
_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A task of the layout of the data, and what it cannot score of them."""

    task: Task
    misfits: tuple[Misfit, ...]
    more: int


@require_safe
@never_cache
@page
def datasets(request: HttpRequest) -> HttpResponse:
    """Every version of this organiser's data."""
    actor = organiser_of(request)
    rows = _own(actor).annotate(number=Count("cases"), subjects=Count("cases__unit", distinct=True))
    context = {"datasets": rows.order_by("name", "-version"), "section": "boards"}
    return render(request, "challenges/datasets.html", context)


@require_safe
@never_cache
@page
def dataset(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """One version: what it holds, who uses it, and what of it a task cannot score."""
    actor = organiser_of(request)
    found = own_dataset(address=f"{name}@{version}", owner=actor)
    cases = list(Case.objects.filter(dataset=found).order_by("index"))
    files = Counter(CaseFile.objects.filter(case__dataset=found).values_list("role", flat=True))
    names = sorted({name for case in cases for name in case.strata})
    context = {
        "dataset": found,
        "sealed": found.state == DatasetState.SEALED,
        "cases": cases,
        "subjects": len({case.unit for case in cases}),
        "inputs": files[FileRole.INPUT.value],
        "references": files[FileRole.REFERENCE.value],
        "strata": [(name, sorted(Counter(case.strata.get(name, "") for case in cases).items())) for name in names],
        "phases": Phase.objects.filter(ranked=found).select_related("task__challenge"),
        "fits": [_fit(found, task) for task in _tasks(actor, layout=found.layout)] if cases else [],
        "section": "boards",
    }
    return render(request, "challenges/dataset.html", context)


def _own(actor: User) -> QuerySet[Dataset]:
    return Dataset.objects.filter(owner=actor)


def _tasks(actor: User, *, layout: str) -> list[Task]:
    tasks = Task.objects.filter(challenge__organisers=actor).select_related("challenge")
    return [task for task in tasks if task.spec["layout"] == layout]


def _fit(dataset: Dataset, task: Task) -> Fit:
    found = tuple(misfits(facts_of(dataset), spec=task.parsed()))
    return Fit(task=task, misfits=found[:_SHOWN], more=max(0, len(found) - _SHOWN))
