"""Who is calling the API: `Authorization: Bearer assay_…` becomes `request.auth`, an ApiToken with its user."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from assay.accounts.errors import BadToken
from assay.accounts.models import ApiToken, Scope, User
from assay.accounts.services import authenticate_token, require_scope
from assay.config.errors import SignInNeeded


class SignedRequest(HttpRequest):
    """A request that TokenAuth let through."""

    auth: ApiToken


class TokenAuth(HttpBearer):
    """Lets a live token with the scope through. Raises SignInNeeded (by ninja), BadToken, ScopeMissing, NotOrganiser."""

    openapi_name = "token"
    openapi_description = "A personal token from your account page: `Authorization: Bearer assay_…`"

    def __init__(self, scope: Scope | None = None) -> None:
        """scope: what the token must open; None takes every live token."""
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:  # noqa: ARG002 -- ninja's signature
        """The token's row."""
        return _checked(plaintext=token, scope=self.scope)


def optional_token(request: HttpRequest) -> ApiToken | None:
    """For public addresses that tell more to those who sign in. None without a token; raises BadToken for a bad one."""
    plaintext = _bearer(request)
    return None if plaintext is None else _checked(plaintext=plaintext, scope=None)


def token_user(request: HttpRequest) -> User | None:
    """Whose token came with the request; None: a stranger's. Raises what `optional_token` does."""
    token = optional_token(request)
    return None if token is None else token.user


def require_token(request: HttpRequest, *, scope: Scope) -> ApiToken:
    """For plain streaming views. Raises SignInNeeded, BadToken, ScopeMissing, NotOrganiser."""
    plaintext = _bearer(request)
    if plaintext is None:
        raise SignInNeeded
    return _checked(plaintext=plaintext, scope=scope)


def _bearer(request: HttpRequest) -> str | None:
    kind, _, plaintext = request.headers.get("Authorization", "").partition(" ")
    return plaintext.strip() if kind.lower() == "bearer" and plaintext.strip() else None


def _checked(*, plaintext: str, scope: Scope | None) -> ApiToken:
    token = authenticate_token(plaintext=plaintext, now=timezone.now())
    if token is None:
        raise BadToken
    if scope is not None:
        require_scope(token=token, scope=scope)
    return token
