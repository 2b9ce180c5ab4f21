"""What applying a file would take from those who take part: it is asked about twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from assay.challenges.above import above
from assay.challenges.dates import in_words
from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.plan import ChallengePlan, PhasePlan, TaskPlan
from assay.config.text import plural


def losses(plan: ChallengePlan, challenge: Challenge, *, now: datetime) -> list[str]:
    """A sentence each; empty where nobody loses anything. Tasks and phases that have entries never go: see `gone`."""
    found: list[str] = []
    tasks = list(challenge.tasks.prefetch_related("phases__ranked"))
    entries = above.entries_of([phase.pk for task in tasks for phase in task.phases.all()])
    for task in tasks:
        wanted = next((each for each in plan.tasks if each.slug == task.slug), None)
        if wanted is None:
            found.append(f"{challenge.slug}/{task.slug} goes, with its phases; nobody has entered it")
        else:
            found += _of_task(task, wanted, address=f"{challenge.slug}/{task.slug}", entries=entries, now=now)
    return found


def _of_task(task: Task, plan: TaskPlan, *, address: str, entries: Mapping[int, int], now: datetime) -> Iterator[str]:
    scored = sum(entries.get(phase.pk, 0) for phase in task.phases.all())
    if scored and task.spec != plan.spec.model_dump(mode="json"):
        yield f"{address}: {plural(scored, 'entry,entries')} of the task as it is; under another one they are scored again or leave the board"
    for phase in task.phases.all():
        wanted = next((each for each in plan.phases if each.slug == phase.slug), None)
        at = f"{address}/{phase.slug}"
        if wanted is None:
            yield f"{at} goes; nobody has entered it"
        else:
            yield from _of_phase(phase, wanted, at=at, entries=entries.get(phase.pk, 0), now=now)


def _of_phase(phase: Phase, plan: PhasePlan, *, at: str, entries: int, now: datetime) -> Iterator[str]:
    if entries and str(phase.ranked) != plan.ranked:
        yield f"{at}: {plural(entries, 'entry,entries')} ran on {phase.ranked}; on {plan.ranked} they must run again or leave the board"
    if entries and phase.counts != plan.counts:
        yield f"{at}: of a team's entries the {plan.counts} counts instead of the {phase.counts}"
    began = phase.opens_at is None or phase.opens_at <= now
    if began and plan.opens_at is not None and plan.opens_at > now:
        yield f"{at} is open and would open {in_words(plan.opens_at)}"
    ended = phase.closes_at is not None and phase.closes_at <= now
    if not ended and plan.closes_at is not None and (phase.closes_at is None or plan.closes_at < phase.closes_at):
        before = "it has no end now" if phase.closes_at is None else f"teams were told {in_words(phase.closes_at)}"
        yield f"{at} would close {in_words(plan.closes_at)}; {before}"
    if entries and int(plan.quota["submissions"]) < int(phase.quota["submissions"]):
        yield f"{at}: teams keep {plan.quota['submissions']} of {phase.quota['submissions']} submissions"
    for shown, later, what in (
        (phase.scores_from, plan.scores_from, "teams' scores disappear until"),
        (phase.board_from, plan.board_from, "the public board disappears until"),
    ):
        if entries and (shown is None or shown <= now) and later is not None and later > now:
            yield f"{at}: {what} {in_words(later)}"
