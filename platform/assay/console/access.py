"""Who may open the console of a challenge."""

from __future__ import annotations

from django.http import HttpRequest

from assay.accounts.models import User
from assay.accounts.reader import signed_in
from assay.challenges.models import Challenge
from assay.challenges.selectors import challenge_by_slug, is_organiser
from assay.console.errors import ConsoleForOrganisers


def organised(request: HttpRequest, slug: str) -> tuple[Challenge, User]:
    """The challenge and the person who organises it. Raises SignInNeeded, NotFound, ConsoleForOrganisers."""
    viewer = signed_in(request)
    challenge = challenge_by_slug(slug)
    check_organiser(viewer, challenge)
    return challenge, viewer


def check_organiser(user: User, challenge: Challenge) -> None:
    """Raises ConsoleForOrganisers."""
    if not is_organiser(user=user, challenge=challenge):
        raise ConsoleForOrganisers
