"""Reads of people and teams."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import ApiToken, Team, User
from assay.config.errors import NotFound


def teams_of(user: User) -> QuerySet[Team]:
    """The teams that a person is in, by address."""
    return Team.objects.filter(members=user)


def team_for(*, user: User, slug: str) -> Team:
    """The team of this address if the person is in it. Raises NotYourTeam, also where there is no such team."""
    team = teams_of(user).filter(slug=slug).first() if slug.isprintable() else None
    if team is None:
        raise NotYourTeam
    return team


def is_member(*, user: User, team: Team) -> bool:
    """Whether a person is in a team."""
    return team.membership_set.filter(user=user).exists()


def user_called(name: str) -> User:
    """The active account with this user name or e-mail address. Raises NotFound."""
    user = User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).first()
    if user is None:
        raise NotFound("There is no such account.", next="Names and addresses are those of accounts on this site.")
    return user


def live_tokens(user: User) -> QuerySet[ApiToken]:
    """A person's tokens that are not revoked, newest first."""
    return user.tokens.filter(revoked_at=None)
