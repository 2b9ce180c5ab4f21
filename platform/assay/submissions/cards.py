"""A submission's method card: checked against the schema and what the task asks for, and changed by its team afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.models import Task
from assay.submissions import selectors
from assay.submissions.errors import BadCard, CardIncomplete
from assay.submissions.models import Submission
from evaluators.contract.cards import CardProblem, missing_fields, read_card


def checked_card(answers: Mapping[str, str], *, task: Task) -> dict[str, str]:
    """The card as it is stored. Raises BadCard, CardIncomplete."""
    try:
        card = read_card(answers)
    except CardProblem as problem:
        raise BadCard(f"{str(problem)[:1].upper()}{str(problem)[1:]}.") from problem
    if missing := missing_fields(card, required=task.card_required):
        raise CardIncomplete(missing=missing)
    return card


@transaction.atomic
def edit_card(*, actor: User, submission: Submission, answers: Mapping[str, str], now: datetime) -> Submission:
    """Put another card in the place of the one that stands; what it said before stays in the record.

    For members of its team and organisers of its challenge. Raises NotYourTeam, BadCard, CardIncomplete.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if not may_edit_card(viewer=actor, submission=submission):
        raise NotYourTeam
    card = checked_card(answers, task=submission.phase.task)
    before: dict[str, str] = locked.card
    if card != before:
        changed = [key for key in {**before, **card} if before.get(key) != card.get(key)]
        locked.card = submission.card = card
        locked.save(update_fields=["card"])
        detail = {
            "before": {key: before.get(key, "") for key in changed},
            "after": {key: card.get(key, "") for key in changed},
        }
        record(tag="team:submission:card", target=submission, at=now, actor=actor, detail=detail)
    return submission


def may_edit_card(*, viewer: User | None, submission: Submission) -> bool:
    """Whether someone who may see the submission may write its card."""
    if viewer is None:
        return False
    if submission.team.membership_set.filter(user=viewer).exists():
        return True
    return selectors.is_organiser(user=viewer, challenge=submission.phase.task.challenge)
