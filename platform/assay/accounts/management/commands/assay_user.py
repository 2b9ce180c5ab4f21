"""`manage.py assay_user`: an account, its team, and a fresh token on stdout."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from assay.accounts import services
from assay.accounts.models import Scope, Team, User
from assay.config.errors import Refused


class Command(BaseCommand):
    """Makes what is missing, changes nothing that is there, and prints a fresh token."""

    help = (
        "Make an account (and a team) unless they are there, and print a fresh token on stdout. "
        "An earlier token of the same name is revoked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Flags."""
        parser.add_argument("--username", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--organiser", action="store_true", help="may describe challenges and upload data")
        parser.add_argument("--team", help="the team's address; made unless it is there")
        parser.add_argument("--team-name", help="as it stands on the board; the address where not given")
        parser.add_argument("--token-name", required=True, help="named after the machine or the job that will hold it")
        parser.add_argument("--password-stdin", action="store_true", help="read the password of a new account")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the token."""
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else None
        try:
            self.stdout.write(_prepare(password=password, **options))
        except Refused as error:
            raise CommandError(f"{error.message} {error.next}") from error


@transaction.atomic
def _prepare(
    *,
    username: str,
    email: str,
    organiser: bool,
    team: str | None,
    team_name: str | None,
    token_name: str,
    password: str | None,
    **_: object,
) -> str:
    now = timezone.now()
    user = User.objects.filter(username=username).first()
    if user is None:
        user = services.sign_up(username=username, email=email, password=password, now=now)
    elif user.email.lower() != email.lower():
        raise CommandError(f"{username} is there with another address; leave --email as it is")
    if organiser:
        services.make_organiser(user=user, now=now)
    if team is not None:
        _join(user=user, slug=team, name=team_name or team)
    for old in user.tokens.filter(name=token_name, revoked_at=None):
        services.revoke_token(actor=user, token=old, now=now)
    scopes = [Scope.TEAM, Scope.ORGANISER] if user.is_staff else [Scope.TEAM]
    return services.issue_token(user=user, name=token_name, scopes=scopes, now=now)[1]


def _join(*, user: User, slug: str, name: str) -> None:
    now = timezone.now()
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        services.create_team(actor=user, slug=slug, name=name, now=now)
    elif not found.members.filter(pk=user.pk).exists():
        services.add_member(actor=None, team=found, user=user, now=now)
