"""Who reads a page."""

from __future__ import annotations

from django.http import HttpRequest

from assay.accounts.models import User
from assay.config.errors import SignInNeeded


def viewer_of(request: HttpRequest) -> User | None:
    """The person who is signed in; None: a stranger."""
    return request.user if isinstance(request.user, User) else None


def signed_in(request: HttpRequest) -> User:
    """The same where nobody else may ask. Raises SignInNeeded."""
    viewer = viewer_of(request)
    if viewer is None:
        raise SignInNeeded
    return viewer
