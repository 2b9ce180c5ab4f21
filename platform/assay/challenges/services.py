"""What an organiser does with a challenge: apply its file. The only writer of challenges, tasks and phases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from assay.accounts.errors import NotOrganiser
from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.errors import ChallengeChanged, ChallengeFileRefused, ConfirmNeeded, PhaseStays
from assay.challenges.losses import losses
from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.plan import ChallengePlan, PhasePlan, TaskPlan
from assay.challenges.reading import read_file
from assay.challenges.requirements import Needs
from assay.challenges.review import check_against_site, check_hand, version_of


class Change(StrEnum):
    """What applying a file did to one address."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Applied:
    """The challenge as it stands now, and what was done: address -> change."""

    challenge: Challenge
    changes: Mapping[str, Change]


def apply_challenge(
    *, text: str, filename: str, actor: User, now: datetime, base: str | None = None, confirm: str | None = None
) -> Applied:
    """Make the site as the file says: all of it or nothing. Applying the same file again changes nothing.

    A new challenge takes an organiser; an existing one is changed by its own organisers (a superuser may do both).
    A task's version rises when its specification changes; addresses never change, and what has entries is never taken away.
    base: `version_of` the challenge that the caller looked at; None: whatever stands.
    confirm: the challenge's name, where the file takes something from those who take part (see losses.py).
    Raises ChallengeFileRefused (every mistake with line, column and fix), NotOrganiser, NotYourChallenge, ChallengeChanged,
    ConfirmNeeded; then nothing is changed.
    """
    filename = plain_name(filename)
    if not actor.is_staff:
        raise NotOrganiser
    plan = read_file(text=text, filename=filename)
    asked = _Asked(text=text, filename=filename, actor=actor, now=now, base=base, confirm=confirm)
    try:
        with transaction.atomic():
            return _apply(plan, asked)
    except IntegrityError:  # the same new challenge was applied a moment ago: now it is an existing one
        with transaction.atomic():
            return _apply(plan, asked)


def plain_name(filename: str) -> str:
    """The name of a file as it may be told: nothing of its path, and no letter that a page or terminal would take for more."""
    return re.sub(r"[^\w.@+-]", "_", filename.replace("\\", "/").rsplit("/", 1)[-1])[:80] or "challenge.yaml"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What `apply_challenge` was called with."""

    text: str
    filename: str
    actor: User
    now: datetime
    base: str | None
    confirm: str | None


def _apply(plan: ChallengePlan, asked: _Asked) -> Applied:
    text, actor, now = asked.text, asked.actor, asked.now
    challenge = Challenge.objects.select_for_update().filter(slug=plan.slug).first()
    check_hand(challenge, actor=actor)
    if asked.base is not None and asked.base != version_of(challenge):
        raise ChallengeChanged
    needs, problems = check_against_site(plan, challenge, actor=actor, now=now)
    if problems:
        raise ChallengeFileRefused(filename=asked.filename, problems=problems)
    lost = [] if challenge is None else losses(plan, challenge, now=now)
    if lost and asked.confirm != plan.slug:
        raise ConfirmNeeded(challenge=plan.slug, losses=lost)
    changes: dict[str, Change] = {}
    if challenge is None:
        challenge = Challenge(slug=plan.slug, created_at=now, updated_at=now)
    changes[plan.slug] = _write(challenge, {"title": plan.title, "summary": plan.summary})
    if set(challenge.organisers.all()) != set(needs.organisers):
        challenge.organisers.set(needs.organisers)
        changes[plan.slug] = max(changes[plan.slug], Change.CHANGED, key=_weight)
    changes |= _remove(plan, challenge)
    for position, task in enumerate(plan.tasks):
        changes |= _apply_task(task, challenge=challenge, position=position, needs=needs)
    if challenge.source != text or set(changes.values()) != {Change.SAME}:
        challenge.source, challenge.updated_at = text, now
        challenge.save(update_fields=["source", "updated_at"])
    if done := {address: change.value for address, change in changes.items() if change is not Change.SAME}:
        detail = done | ({"confirmed": "; ".join(lost)} if lost else {})
        record(tag="organiser:challenge:apply", target=f"challenge:{plan.slug}", actor=actor, at=now, detail=detail)
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


def _remove(plan: ChallengePlan, challenge: Challenge) -> dict[str, Change]:
    """Take away what the file has no longer; `gone` found nobody's entry there."""
    removed: dict[str, Change] = {}
    kept = {task.slug: {phase.slug for phase in task.phases} for task in plan.tasks}
    for task in challenge.tasks.prefetch_related("phases"):
        for phase in task.phases.all():
            if phase.slug not in kept.get(task.slug, set()):
                address = f"{challenge.slug}/{task.slug}/{phase.slug}"
                try:
                    phase.delete()
                except ProtectedError as error:
                    raise PhaseStays(f"{address} has a published snapshot, which never goes.") from error
                removed[address] = Change.GONE
        if task.slug not in kept:
            removed[f"{challenge.slug}/{task.slug}"] = Change.GONE
            task.delete()
    return removed
