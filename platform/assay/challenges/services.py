"""What an organiser does with a challenge: apply its file. The only writer of challenges, tasks and phases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from assay.accounts.errors import NotOrganiser
from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.errors import ChallengeFileRefused, NotYourChallenge, Problem
from assay.challenges.explain import did_you_mean, quoted
from assay.challenges.marked_yaml import Path
from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.plan import ChallengePlan, PhasePlan, TaskPlan, read_file
from assay.challenges.requirements import Needs, check_dates, find_needs


class Change(StrEnum):
    """What applying a file did to one address."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Applied:
    """The challenge as it stands now, and what was done: address -> change."""

    challenge: Challenge
    changes: Mapping[str, Change]


def apply_challenge(*, text: str, filename: str, actor: User, now: datetime) -> Applied:
    """Make the site as the file says: all of it or nothing. Applying the same file again changes nothing.

    A new challenge takes an organiser; an existing one is changed by its own organisers (a superuser may do both).
    A task's version rises when its specification changes; addresses never change and nothing is ever taken away.
    Raises ChallengeFileRefused (every mistake with line, column and fix), NotOrganiser, NotYourChallenge.
    """
    if not actor.is_staff:
        raise NotOrganiser
    filename = re.sub(r"[^\w.@+-]", "_", filename.replace("\\", "/").rsplit("/", 1)[-1])[:80] or "challenge.yaml"
    plan = read_file(text=text, filename=filename)
    try:
        with transaction.atomic():
            return _apply(plan, text=text, filename=filename, actor=actor, now=now)
    except IntegrityError:  # the same new challenge was applied a moment ago: now it is an existing one
        with transaction.atomic():
            return _apply(plan, text=text, filename=filename, actor=actor, now=now)


def _apply(plan: ChallengePlan, *, text: str, filename: str, actor: User, now: datetime) -> Applied:
    challenge = Challenge.objects.select_for_update().filter(slug=plan.slug).first()
    if challenge is not None and not actor.is_superuser and not challenge.organisers.filter(pk=actor.pk).exists():
        raise NotYourChallenge
    needs, problems = find_needs(plan, actor=actor)
    problems += _gone(plan, challenge) + check_dates(plan, challenge, now=now)
    if problems:
        raise ChallengeFileRefused(filename=filename, problems=problems)
    changes: dict[str, Change] = {}
    if challenge is None:
        challenge = Challenge(slug=plan.slug, created_at=now, updated_at=now)
    changes[plan.slug] = _write(challenge, {"title": plan.title, "summary": plan.summary})
    if set(challenge.organisers.all()) != set(needs.organisers):
        challenge.organisers.set(needs.organisers)
        changes[plan.slug] = max(changes[plan.slug], Change.CHANGED, key=_weight)
    for position, task in enumerate(plan.tasks):
        changes |= _apply_task(task, challenge=challenge, position=position, needs=needs)
    if challenge.source != text or set(changes.values()) != {Change.SAME}:
        challenge.source, challenge.updated_at = text, now
        challenge.save(update_fields=["source", "updated_at"])
    if done := {address: change.value for address, change in changes.items() if change is not Change.SAME}:
        record(tag="organiser:challenge:apply", target=f"challenge:{plan.slug}", actor=actor, at=now, detail=done)
    return Applied(challenge=challenge, changes=changes)


def _apply_task(plan: TaskPlan, *, challenge: Challenge, position: int, needs: Needs) -> dict[str, Change]:
    task = Task.objects.filter(challenge=challenge, slug=plan.slug).first()
    if task is None:
        task = Task(challenge=challenge, slug=plan.slug)
    spec = plan.spec.model_dump(mode="json")
    if task.pk is not None and task.spec != spec:
        task.version += 1
    fields = {
        "title": plan.title,
        "position": position,
        "spec": spec,
        "baselines_ranked": plan.baselines_ranked,
        "baseline_methods": list(plan.baseline_methods),
        "card_required": list(plan.card_required),
    }
    changes = {f"{challenge.slug}/{task.slug}": _write(task, fields)}
    for place, phase in enumerate(plan.phases):
        changes |= _apply_phase(phase, task=task, position=place, needs=needs)
    return changes


def _apply_phase(plan: PhasePlan, *, task: Task, position: int, needs: Needs) -> dict[str, Change]:
    phase = Phase.objects.filter(task=task, slug=plan.slug).first()
    if phase is None:
        phase = Phase(task=task, slug=plan.slug)
    fields = {
        "title": plan.title,
        "position": position,
        "opens_at": plan.opens_at,
        "closes_at": plan.closes_at,
        "ranked_id": needs.datasets[plan.ranked].pk,
        "sample_id": None if plan.sample is None else needs.datasets[plan.sample].pk,
        "limits": plan.limits.model_dump(mode="json"),
        "quota": plan.quota,
        "counts": plan.counts,
        "scores_from": plan.scores_from,
        "board_from": plan.board_from,
        "predictions": plan.predictions,
        "case_show": plan.case_show,
    }
    return {phase.address: _write(phase, fields)}


def _write(row: Challenge | Task | Phase, fields: Mapping[str, Any]) -> Change:
    """Save the row if it is new or one of the fields differs."""
    created = row.pk is None
    differs = [name for name, value in fields.items() if created or getattr(row, name) != value]
    if not differs:
        return Change.SAME
    for name in differs:
        setattr(row, name, fields[name])
    row.save()
    return Change.CREATED if created else Change.CHANGED


def _weight(change: Change) -> int:
    return (Change.SAME, Change.CHANGED, Change.CREATED).index(change)


def _gone(plan: ChallengePlan, challenge: Challenge | None) -> list[Problem]:
    """Tasks and phases that stand on the site but not in the file: they carry history, so they stay."""
    problems: list[Problem] = []
    for task in challenge.tasks.prefetch_related("phases") if challenge is not None else ():
        found = next((entry for entry in plan.tasks if entry.slug == task.slug), None)
        if found is None:
            problems += _missing(plan, ("tasks",), "task", task.slug, (entry.slug for entry in plan.tasks))
            continue
        for phase in task.phases.all():
            slugs = [entry.slug for entry in found.phases]
            if phase.slug not in slugs:
                problems += _missing(plan, (*found.path, "phases"), "phase", phase.slug, slugs)
    return problems


def _missing(plan: ChallengePlan, path: Path, key: str, slug: str, present: Iterable[str]) -> list[Problem]:
    message = f"the {key} {quoted(slug)} stands on the site and is not in the file"
    renamed = did_you_mean(slug, among=present)
    fix = "put it back: addresses never change" + (f" ({renamed})" if renamed.startswith("did you mean") else "")
    return [Problem(at=plan.document.place(path, key=True), message=message, fix=fix)]
