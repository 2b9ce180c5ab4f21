"""GET /me"""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja import Router

from assay.accounts import selectors
from assay.accounts.auth import SignedRequest, TokenAuth
from evaluators.contract.api import Me
from evaluators.contract.jobs import Refusal

router = Router(tags=["account"])


@router.get("/me", response={200: Me, 401: Refusal}, auth=TokenAuth(), summary="Who this token belongs to")
def me(request: HttpRequest) -> Me:
    """Name, teams, and what the token opens."""
    token = cast("SignedRequest", request).auth
    return Me(
        name=token.user.username,
        teams=[team.slug for team in selectors.teams_of(token.user)],
        token=token.name,
        scopes=token.scopes,
    )
