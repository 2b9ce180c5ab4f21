"""Dry runs over the API: begin one, and what came of the latest."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from assay.accounts.auth import SignedRequest, TokenAuth
from assay.accounts.models import Scope
from assay.challenges.selectors import check_organiser, phase_by_address
from assay.dryruns import selectors, services
from assay.dryruns.errors import NoDryRun
from evaluators.contract.dry_runs import DryRunOut
from evaluators.contract.jobs import Refusal

router = Router(tags=["challenges"])
_ORGANISER = TokenAuth(Scope.ORGANISER)
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal}


@router.post(
    "/dry-runs/{path:address}",
    response={200: DryRunOut, **_REFUSALS, 409: Refusal},
    auth=_ORGANISER,
    summary="Try a phase's scorer",
)
def begin(request: HttpRequest, address: str) -> DryRunOut:
    """A perfect, an empty and a broken answer of ours go through the real scorer; they count nowhere."""
    actor = cast("SignedRequest", request).auth.user
    return selectors.report(services.begin(actor=actor, phase=phase_by_address(address), now=timezone.now()))


@router.get(
    "/dry-runs/{path:address}",
    response={200: DryRunOut, **_REFUSALS},
    auth=_ORGANISER,
    summary="What came of the latest dry run",
)
def show(request: HttpRequest, address: str) -> DryRunOut:
    """For the phase's organisers."""
    phase = phase_by_address(address)
    check_organiser(user=cast("SignedRequest", request).auth.user, challenge=phase.task.challenge)
    run = selectors.latest(phase)
    if run is None:
        raise NoDryRun
    return selectors.report(run)
