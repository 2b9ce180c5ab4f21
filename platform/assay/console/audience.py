"""Whom a mail goes to: audiences by how far a team has come, resolved to an exact list of people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from assay.accounts.models import Membership
from assay.challenges.models import Challenge
from assay.console.errors import BadMail
from assay.console.models import Unsubscribed
from assay.submissions.models import Submission
from evaluators.contract.states import EvaluationState

#: word -> what it means to an organiser
AUDIENCES = {
    "entered": "everybody in a team that has entered",
    "no-score": "teams that have entered and have no scored entry",
    "failed-last": "teams whose last entry failed",
    "everybody": "everybody in any team of this site",
}
_FAILED = {EvaluationState.FAILED.value, EvaluationState.PLATFORM_ERROR.value}


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One person, once, however many of the teams they are in."""

    user: int
    name: str
    address: str
    teams: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """The exact list, and how many have asked to be left alone."""

    people: tuple[Recipient, ...]
    unsubscribed: int

    @property
    def digest(self) -> str:
        """What a preview showed: the mail goes to this very list or to nobody."""
        return hashlib.sha256("\n".join(f"{one.user} {one.address}" for one in self.people).encode()).hexdigest()


def recipients_of(challenge: Challenge, audience: str) -> Recipients:
    """Active accounts in the teams of an audience, by name; three queries. Raises BadMail for an unknown audience."""
    if audience not in AUDIENCES:
        raise BadMail("There is no such audience.")
    members = Membership.objects.filter(user__is_active=True).exclude(user__email="")
    mine = members if audience == "everybody" else members.filter(team__in=_teams(challenge, audience))
    left = set(Unsubscribed.objects.filter(challenge=challenge).values_list("user", flat=True))
    found: dict[int, Recipient] = {}
    gone: set[int] = set()
    rows = mine.order_by("user__username", "team__slug").values_list(
        "user", "user__username", "user__email", "team__slug"
    )
    for user, name, address, team in rows:
        if user in left:
            gone.add(user)
            continue
        teams = (*found[user].teams, team) if user in found else (team,)
        found[user] = Recipient(user=user, name=name, address=address, teams=teams)
    return Recipients(people=tuple(found.values()), unsubscribed=len(gone))


def _teams(challenge: Challenge, audience: str) -> Iterable[int]:
    entries = Submission.objects.filter(phase__task__challenge=challenge, is_baseline=False).order_by(
        "received_at", "pk"
    )
    states: dict[int, list[str]] = {}
    for team, state in entries.values_list("team", "evaluation__state"):
        states.setdefault(team, []).append(state)
    if audience == "no-score":
        return [team for team, own in states.items() if EvaluationState.SCORED.value not in own]
    if audience == "failed-last":
        return [team for team, own in states.items() if own[-1] in _FAILED]
    return list(states)
