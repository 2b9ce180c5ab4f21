"""What people do with accounts, teams and tokens. The only writers of the three."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from assay.accounts.errors import (
    BadName,
    CaptainNeeded,
    EmailTaken,
    NameTaken,
    NotOrganiser,
    ScopeMissing,
    TeamTaken,
    WeakPassword,
)
from assay.accounts.models import ApiToken, Membership, Role, Scope, Team, User
from assay.audit.services import record
from assay.config.errors import Invalid, NotAllowed

TOKEN_PREFIX = "assay_"  # noqa: S105 -- the public part
#: a busy token writes its time of use at most this often
USE_NOTED_EVERY = timedelta(minutes=1)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@transaction.atomic
def sign_up(*, username: str, email: str, password: str | None, now: datetime) -> User:
    """Open an account. Without a password it is used through tokens alone until one is set.

    Raises NameTaken, EmailTaken, WeakPassword, BadName, Invalid (the address is none).
    """
    if not _SLUG.fullmatch(username) or len(username) > 40:
        raise BadName(f"User name {username[:40]!r} cannot be used.")
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("This is not an e-mail address.", next="Write it like name@example.org.") from None
    if User.objects.filter(username__iexact=username).exists():
        raise NameTaken
    if User.objects.filter(email__iexact=email).exists():
        raise EmailTaken
    user = User(username=username, email=email, date_joined=now)
    if password is None:
        user.set_unusable_password()
    else:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise WeakPassword(" ".join(error.messages)) from None
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # somebody signed up with the same name or address a moment ago
        raise NameTaken from None
    record(tag="user:account:create", target=user, actor=user, at=now)
    return user


@transaction.atomic
def make_organiser(*, user: User, now: datetime, actor: User | None = None) -> User:
    """Let a person describe challenges and upload data. Done by whoever runs the site."""
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        record(tag="site:account:make-organiser", target=user, actor=actor, agent="" if actor else "system", at=now)
    return user


@transaction.atomic
def create_team(*, actor: User, slug: str, name: str, now: datetime) -> Team:
    """Found a team; whoever does is its captain. Raises BadName, TeamTaken."""
    name = " ".join(name.split())
    if not _SLUG.fullmatch(slug) or len(slug) > 40:
        raise BadName(f"Team address {slug[:40]!r} cannot be used.")
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise BadName("A team's name has 1 to 80 characters.", next="Write a name as it shall stand on the board.")
    try:
        with transaction.atomic():
            team = Team.objects.create(slug=slug, name=name, created_at=now)
    except IntegrityError:
        raise TeamTaken from None
    Membership.objects.create(user=actor, team=team, role=Role.CAPTAIN, since=now)
    record(tag="team:team:create", target=team, actor=actor, at=now, detail={"slug": slug})
    return team


@transaction.atomic
def add_member(*, actor: User | None, team: Team, user: User, now: datetime, role: Role = Role.MEMBER) -> Membership:
    """Take a person into a team; one who is in already stays as they are. Raises CaptainNeeded.

    actor: a captain or a superuser; None where it is done from the server's shell.
    """
    if (
        actor is not None
        and not actor.is_superuser
        and not team.membership_set.filter(user=actor, role=Role.CAPTAIN).exists()
    ):
        raise CaptainNeeded
    membership, created = Membership.objects.get_or_create(user=user, team=team, defaults={"role": role, "since": now})
    if created:
        detail = {"user": user.username, "role": role}
        record(tag="team:member:add", target=team, actor=actor, agent="" if actor else "system", at=now, detail=detail)
    return membership


@transaction.atomic
def issue_token(*, user: User, name: str, scopes: Iterable[str], now: datetime) -> tuple[ApiToken, str]:
    """Make a token. The second value is the token itself: shown once, stored nowhere.

    Raises Invalid (no name, an unknown scope, none at all), NotOrganiser (that scope is for staff).
    """
    name = " ".join(name.split())
    wanted = sorted(set(scopes))
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise Invalid("A token's name has 1 to 40 characters.", next="Name it after the machine it will live on.")
    if not wanted or not set(wanted) <= set(Scope.values):
        raise Invalid("A token opens at least one of: " + ", ".join(Scope.values) + ".")
    if Scope.ORGANISER in wanted and not user.is_staff:
        raise NotOrganiser("A token of the scope `organiser` is for organisers.")
    plaintext = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=name, digest=digest_of(plaintext), scopes=wanted, created_at=now)
    record(tag="user:token:issue", target=f"token:{token.pk}", actor=user, at=now, detail={"name": name})
    return token, plaintext


@transaction.atomic
def revoke_token(*, actor: User, token: ApiToken, now: datetime) -> ApiToken:
    """Close a token for good; one that is closed stays as it is. Raises NotAllowed (it is somebody else's)."""
    if token.user_id != actor.pk and not actor.is_superuser:
        raise NotAllowed
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        record(tag="user:token:revoke", target=f"token:{token.pk}", actor=actor, at=now, detail={"name": token.name})
    token.refresh_from_db()
    return token


def authenticate_token(*, plaintext: str, now: datetime) -> ApiToken | None:
    """The live token with this text, its user loaded; None for anything else. Notes its use at most once a minute."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(plaintext), revoked_at=None, user__is_active=True)
        .first()
    )
    if token is not None and (token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def require_scope(*, token: ApiToken, scope: Scope) -> None:
    """Whether the token opens this. Raises ScopeMissing, NotOrganiser (its owner no longer is one)."""
    if scope not in token.scopes:
        raise ScopeMissing(f"This needs a token of the scope `{scope}`; yours opens: {', '.join(token.scopes)}.")
    if scope == Scope.ORGANISER and not token.user.is_staff:
        raise NotOrganiser


def digest_of(plaintext: str) -> str:
    """What is stored in a token's place."""
    return hashlib.sha256(plaintext.encode(errors="replace")).hexdigest()
