"""Looks at a challenge file as the site would take it, and changes nothing: lint and diff."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assay.accounts.errors import NotOrganiser
from assay.accounts.models import User
from assay.challenges.above import above
from assay.challenges.difference import Difference, differences
from assay.challenges.errors import ChallengeFileRefused
from assay.challenges.explain import did_you_mean, quoted
from assay.challenges.losses import losses
from assay.challenges.marked_yaml import Path, load
from assay.challenges.models import Challenge, Phase
from assay.challenges.plan import ChallengePlan, read_plan
from assay.challenges.problems import FileFaults, Problem
from assay.challenges.reading import read_file
from assay.challenges.requirements import Needs, check_dates, find_needs
from assay.challenges.selectors import check_organiser
from assay.config.text import plural

#: of a challenge that is not there yet
NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Review:
    """A file beside what stands on the site."""

    challenge: str
    #: `version_of` the challenge that it was compared with
    base: str
    differences: tuple[Difference, ...]
    #: only comments and layout are not the same
    only_layout: bool
    losses: tuple[str, ...]
    warnings: tuple[Problem, ...]


def version_of(challenge: Challenge | None) -> str:
    """Names what stands: SHA-256 of its file, or `new`. Two organisers who change at once are told by it."""
    return NEW if challenge is None else hashlib.sha256(challenge.source.encode()).hexdigest()


def check_hand(challenge: Challenge | None, *, actor: User) -> None:
    """Raises NotOrganiser, NotYourChallenge."""
    if not actor.is_staff:
        raise NotOrganiser
    if challenge is not None:
        check_organiser(user=actor, challenge=challenge)


def lint(*, text: str, actor: User, now: datetime) -> list[Problem]:
    """Everything that is wrong with a file, in its order, warnings among it. Raises NotOrganiser, NotYourChallenge."""
    check_hand(None, actor=actor)
    try:
        plan = read_plan(text)
    except FileFaults as faults:
        return list(faults.problems)
    challenge = Challenge.objects.filter(slug=plan.slug).first()
    check_hand(challenge, actor=actor)
    _, problems = check_against_site(plan, challenge, actor=actor, now=now)
    return sorted([*problems, *warnings_of(plan, challenge, now=now)], key=lambda problem: problem.at)


def diff(*, text: str, filename: str, actor: User, now: datetime) -> Review:
    """What applying would change. Raises ChallengeFileRefused, NotOrganiser, NotYourChallenge."""
    check_hand(None, actor=actor)
    plan = read_file(text=text, filename=filename)
    challenge = Challenge.objects.filter(slug=plan.slug).first()
    check_hand(challenge, actor=actor)
    _, problems = check_against_site(plan, challenge, actor=actor, now=now)
    if problems:
        raise ChallengeFileRefused(filename=filename, problems=problems)
    live = None if challenge is None else load(challenge.source).data
    found = differences(live or {}, plan.document.data)
    return Review(
        challenge=plan.slug,
        base=version_of(challenge),
        differences=tuple(found),
        only_layout=challenge is not None and not found and challenge.source != text,
        losses=() if challenge is None else tuple(losses(plan, challenge, now=now)),
        warnings=tuple(warnings_of(plan, challenge, now=now)),
    )


def check_against_site(
    plan: ChallengePlan, challenge: Challenge | None, *, actor: User, now: datetime
) -> tuple[Needs, list[Problem]]:
    """What the file needs of the site, and what of it is not there."""
    needs, problems = find_needs(plan, actor=actor)
    return needs, problems + gone(plan, challenge) + check_dates(plan, challenge, now=now)


def warnings_of(plan: ChallengePlan, challenge: Challenge | None, *, now: datetime) -> Iterator[Problem]:
    """What stands in nobody's way: hardware that no living worker offers, phases whose scorer was not tried."""
    alive = sorted(above.hardware_at(now))
    phases = Phase.objects.filter(task__challenge=challenge).select_related("task__challenge") if challenge else []
    known = {(phase.task.slug, phase.slug): phase for phase in phases}
    for task in plan.tasks:
        for phase in task.phases:
            if phase.closes_at is not None and phase.closes_at <= now:
                continue
            if phase.limits.hardware not in alive:
                own = plan.document.values.get((*phase.path, "limits", "hardware"))
                at = own or plan.document.place((*task.path, "limits", "hardware"))
                message = f"no living worker offers {quoted(phase.limits.hardware)}: entries of {phase.slug} would wait"
                fix = did_you_mean(phase.limits.hardware, among=alive) if alive else "start one with `assay evaluator`"
                yield Problem(at=at, message=message, fix=fix, warning=True)
            stands = known.get((task.slug, phase.slug))
            if stands is not None and not above.tried(stands, phase.ranked, task.spec):
                at = plan.document.place((*phase.path, "data", "ranked"))
                message = f"the scorer of {phase.slug} has had no green dry run on {phase.ranked}"
                fix = f"apply, then run `assay challenge dry-run {plan.slug}/{task.slug}/{phase.slug}`"
                yield Problem(at=at, message=message, fix=fix, warning=True)


def gone(plan: ChallengePlan, challenge: Challenge | None) -> list[Problem]:
    """Tasks and phases with entries that are not in the file: they carry history, so they stay."""
    if challenge is None:
        return []
    problems: list[Problem] = []
    tasks = list(challenge.tasks.prefetch_related("phases"))
    entries = above.entries_of([phase.pk for task in tasks for phase in task.phases.all()])
    for task in tasks:
        held = {phase.slug: entries.get(phase.pk, 0) for phase in task.phases.all()}
        found = next((entry for entry in plan.tasks if entry.slug == task.slug), None)
        if found is None:
            if any(held.values()):
                among = (entry.slug for entry in plan.tasks)
                problems += _missing(plan, ("tasks",), "task", task.slug, among, count=sum(held.values()))
            continue
        for slug, count in held.items():
            slugs = [entry.slug for entry in found.phases]
            if slug not in slugs and count:
                problems += _missing(plan, (*found.path, "phases"), "phase", slug, slugs, count=count)
    return problems


def _missing(
    plan: ChallengePlan, path: Path, key: str, slug: str, present: Iterable[str], *, count: int
) -> list[Problem]:
    message = (
        f"the {key} {quoted(slug)} stands on the site with {plural(count, 'entry,entries')} and is not in the file"
    )
    renamed = did_you_mean(slug, among=present)
    fix = "put it back: addresses never change" + (f" ({renamed})" if renamed.startswith("did you mean") else "")
    return [Problem(at=plan.document.place(path, key=True), message=message, fix=fix)]
