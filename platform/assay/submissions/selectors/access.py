"""Who may see a submission, and its scores: own team, organisers of the challenge, and the public what stands on a board."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from assay.accounts.models import Team, User
from assay.challenges import selectors as challenges
from assay.challenges.models import Challenge, Phase
from assay.submissions.errors import SubmissionUnknown
from assay.submissions.models import Submission
from evaluators.contract.states import EvaluationState

_RELATED = (
    "evaluation",
    "evaluation__dataset",
    "evaluation__worker",
    "image",
    "predictions",
    "team",
    "phase__task__challenge",
    "phase__ranked",
)


def is_organiser(*, user: User | None, challenge: Challenge) -> bool:
    """Whether a person organises this challenge, or runs the site."""
    return user is not None and user.is_authenticated and challenges.is_organiser(user=user, challenge=challenge)


def visible_submissions(*, viewer: User | None, now: datetime) -> QuerySet[Submission]:
    """Every submission that this viewer may read, newest first: own teams', those of challenges they organise,
    and scored baselines of boards that are public. Another team's entry is never among them.
    """
    public = Q(
        Q(phase__board_from__isnull=True) | Q(phase__board_from__lte=now),
        is_baseline=True,
        withdrawn_at__isnull=True,
        evaluation__state=EvaluationState.SCORED.value,
    )
    everything = Submission.objects.select_related(*_RELATED)
    if viewer is None or not viewer.is_authenticated:
        return everything.filter(public)
    if viewer.is_superuser:
        return everything
    # subqueries in place of joins: a person in two matching teams must not see a row twice
    teams = Team.objects.filter(members=viewer).values("pk")
    organised = Challenge.objects.filter(organisers=viewer).values("pk")
    return everything.filter(public | Q(team__in=teams) | Q(phase__task__challenge__in=organised))


def submission_for(*, viewer: User | None, code: str, now: datetime) -> Submission:
    """The submission of this code. Raises SubmissionUnknown, the same for absent and for not yours."""
    found = visible_submissions(viewer=viewer, now=now).filter(code=code.upper()).first()
    if found is None:
        raise SubmissionUnknown
    return found


def submissions_of(
    *, viewer: User, now: datetime, team: str | None = None, phase: Phase | None = None
) -> QuerySet[Submission]:
    """The submissions of the viewer's own teams, newest first. An organiser who names a team sees that team's."""
    if team is None:
        mine = Team.objects.filter(members=viewer).values("pk")
        found = visible_submissions(viewer=viewer, now=now).filter(team__in=mine)
    else:
        found = visible_submissions(viewer=viewer, now=now).filter(team__slug=team)
    return found if phase is None else found.filter(phase=phase)


def scores_visible(*, submission: Submission, viewer: User | None, now: datetime) -> bool:
    """Whether someone who may see the submission may see its scores at `now`.

    Organisers at any time; the team from scores_from (or when the board is public); everybody else from board_from.
    """
    phase = submission.phase
    public = phase.board_from is None or phase.board_from <= now
    if is_organiser(user=viewer, challenge=phase.task.challenge):
        return True
    if viewer is not None and viewer.is_authenticated and submission.team.membership_set.filter(user=viewer).exists():
        return public or phase.scores_from is None or phase.scores_from <= now
    return public and submission.is_baseline
