"""POST /challenges/apply; looking without changing is in review_api.py. Phases are answered by submissions, which knows the quota."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from assay.accounts.auth import SignedRequest, TokenAuth
from assay.accounts.models import Scope
from assay.challenges import services
from assay.config.site import absolute
from evaluators.contract.challenge_files import ChallengeIn, ChallengeOut
from evaluators.contract.jobs import Refusal

router = Router(tags=["challenges"])


@router.post(
    "/challenges/apply",
    response={200: ChallengeOut, 401: Refusal, 403: Refusal, 409: Refusal, 422: Refusal},
    auth=TokenAuth(Scope.ORGANISER),
    summary="Apply a challenge file",
)
def apply(request: HttpRequest, data: ChallengeIn) -> ChallengeOut:
    """Makes the site as the file says, all of it or nothing; mistakes are told as `file:line:column what, fix`."""
    actor = cast("SignedRequest", request).auth.user
    done = services.apply_challenge(
        text=data.yaml,
        filename=data.filename,
        actor=actor,
        now=timezone.now(),
        base=data.base,
        confirm=data.confirm,
    )
    return ChallengeOut(
        challenge=done.challenge.slug,
        changes={address: change.value for address, change in done.changes.items()},
        url=absolute(f"/c/{done.challenge.slug}"),
    )
