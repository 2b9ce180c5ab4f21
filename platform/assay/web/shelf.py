"""The shelf: challenges with their tasks and phases, and what the boards say of each, for the pages above a single board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.words import phase_sentence
from assay.config.text import duration
from assay.submissions.models import Submission
from assay.web.dated import Dated, newest_boards
from evaluators.contract.states import EvaluationState


@dataclass(frozen=True, kw_only=True)
class PhaseCard:
    """A phase on a list."""

    phase: Phase
    sentence: str
    is_open: bool
    #: (team, method) pairs with a score; None while the board is not public
    methods: int | None
    #: what is left until the close, such as `closes in 12 d`; empty where it is closed, to come, or without an end
    left: str = ""
    #: the newest board that anybody may read; where it is asked for
    dated: Dated | None = None


@dataclass(frozen=True, kw_only=True)
class TaskCard:
    """A task with its phases in order."""

    task: Task
    phases: tuple[PhaseCard, ...]

    @property
    def current(self) -> PhaseCard | None:
        """The open phase; else the one that comes last."""
        return next((card for card in self.phases if card.is_open), self.phases[-1] if self.phases else None)


@dataclass(frozen=True, kw_only=True)
class ChallengeCard:
    """A challenge on the shelf."""

    challenge: Challenge
    tasks: tuple[TaskCard, ...]

    @property
    def is_open(self) -> bool:
        """Whether any phase takes submissions."""
        return any(card.is_open for task in self.tasks for card in task.phases)


def shelf(*, now: datetime, slug: str | None = None, with_boards: bool = False) -> list[ChallengeCard]:
    """Every challenge (or the one of this address), open ones first. Five queries, however many there are.

    with_boards: the newest published board of every phase too, for one query more.
    """
    found: QuerySet[Challenge] = Challenge.objects.prefetch_related(
        Prefetch("tasks", Task.objects.order_by("position")),
        Prefetch("tasks__phases", Phase.objects.order_by("position").select_related("ranked", "sample")),
    )
    if slug is not None:
        found = found.filter(slug=slug)
    methods = _methods_by_phase(Phase.objects.filter(task__challenge__in=found) if slug else Phase.objects.all())
    boards = newest_boards(now=now) if with_boards else {}
    cards = [_challenge_card(challenge, methods=methods, boards=boards, now=now) for challenge in found]
    return sorted(cards, key=lambda card: not card.is_open)


def _methods_by_phase(phases: QuerySet[Phase]) -> Counter[int]:
    scored = (
        Submission.objects.filter(phase__in=phases, withdrawn_at=None, evaluation__state=EvaluationState.SCORED.value)
        .order_by()
        .values_list("phase", "team", "method")
        .distinct()
    )
    return Counter(phase for phase, _, _ in scored)


def _challenge_card(
    challenge: Challenge, *, methods: Counter[int], boards: Mapping[int, Dated], now: datetime
) -> ChallengeCard:
    return ChallengeCard(
        challenge=challenge,
        tasks=tuple(
            TaskCard(task=task, phases=_phase_cards(task, methods=methods, boards=boards, now=now))
            for task in challenge.tasks.all()
        ),
    )


def _phase_cards(
    task: Task, *, methods: Counter[int], boards: Mapping[int, Dated], now: datetime
) -> tuple[PhaseCard, ...]:
    cards = []
    for phase in task.phases.all():
        phase.task = task  # the address needs it, and it is here already
        cards.append(
            PhaseCard(
                phase=phase,
                sentence=phase_sentence(phase, now=now),
                is_open=phase.is_open(now),
                left=_left(phase, now=now),
                dated=boards.get(phase.pk),
                methods=methods[phase.pk] if phase.board_from is None or phase.board_from <= now else None,
            )
        )
    return tuple(cards)


def _left(phase: Phase, *, now: datetime) -> str:
    if phase.closes_at is None or not phase.is_open(now):
        return ""
    days = (phase.closes_at - now).days
    return f"closes in {days} d" if days else f"closes in {duration(phase.closes_at - now)}"
