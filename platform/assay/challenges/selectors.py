"""Reads of challenges, tasks and phases."""

from __future__ import annotations

import re
from datetime import datetime

from django.db.models import Q, QuerySet

from assay.accounts.models import User
from assay.challenges.errors import NotYourChallenge, PhaseUnknown
from assay.challenges.models import Challenge, Phase, Task
from assay.config.errors import NotFound
from evaluators.contract.api import SLUG


def all_phases() -> QuerySet[Phase]:
    """Every phase with its task, challenge and datasets, in the order of the challenge files."""
    return Phase.objects.select_related("task__challenge", "ranked", "sample").order_by(
        "task__challenge__slug", "task__position", "position"
    )


def open_phases(*, now: datetime) -> QuerySet[Phase]:
    """Phases in which a submission received at `now` counts."""
    return all_phases().filter(Q(opens_at=None) | Q(opens_at__lte=now), Q(closes_at=None) | Q(closes_at__gt=now))


def phase_by_address(address: str, *, among: QuerySet[Phase] | None = None) -> Phase:
    """The phase at challenge/task/phase. among: `all_phases` with more read beside it. Raises PhaseUnknown."""
    phases = all_phases() if among is None else among
    parts = address.split("/")
    found = None
    if len(parts) == 3 and all(re.fullmatch(SLUG, part) for part in parts):
        challenge, task, phase = parts
        found = phases.filter(task__challenge__slug=challenge, task__slug=task, slug=phase).first()
    if found is None:
        raise PhaseUnknown
    return found


def task_by_address(*, challenge: str, task: str) -> Task:
    """The task at challenge/task. Raises NotFound."""
    found = Task.objects.select_related("challenge").filter(challenge__slug=challenge, slug=task).first()
    if found is None:
        raise NotFound("There is no such task.")
    return found


def challenge_by_slug(slug: str) -> Challenge:
    """The challenge with its tasks and phases. Raises NotFound."""
    found = Challenge.objects.prefetch_related("tasks__phases").filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such challenge.")
    return found


def is_organiser(*, user: User, challenge: Challenge) -> bool:
    """Whether this person organises the challenge, or runs the site."""
    return user.is_superuser or challenge.organisers.filter(pk=user.pk).exists()


def check_organiser(*, user: User, challenge: Challenge) -> None:
    """Raises NotYourChallenge."""
    if not is_organiser(user=user, challenge=challenge):
        raise NotYourChallenge
