"""Boards over the API, as JSON and CSV."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Router

from assay.accounts.auth import SignedRequest, TokenAuth, token_user
from assay.accounts.models import Scope
from assay.challenges.selectors import phase_by_address
from assay.config.site import absolute
from assay.leaderboards import services
from assay.leaderboards.api_path import BoardPath
from assay.leaderboards.export_views import exported_answer
from assay.leaderboards.kept_pages import handed
from assay.leaderboards.snapshots import snapshot_at
from assay.leaderboards.stored import board_state, read_document
from evaluators.contract.boards import BoardOut, PublishedOut, SnapshotOut
from evaluators.contract.jobs import Refusal

router = Router(tags=["boards"])
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal}


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}.csv",
    response={200: str, **_REFUSALS},
    summary="The board as CSV",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def board_table(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> HttpResponse:
    """The same rows as the JSON, means unrounded."""
    return exported_answer(request, at.address, ending="csv", viewer=token_user(request), stratum=stratum or "")


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}",
    response={200: BoardOut, **_REFUSALS},
    summary="The board of a phase",
)
def board(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> HttpResponse:
    """Public once its date has come; `stratum=af=4` ranks over those cases alone. Missing means are null, never 0."""
    viewer, state = token_user(request), board_state(at.address, stratum=stratum or "")
    document = read_document(state, viewer=viewer, now=timezone.now())
    return handed(request, HttpResponse(document, content_type="application/json"), of=state)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}/snapshots/{name}",
    response={200: SnapshotOut, **_REFUSALS},
    summary="A board as it was published",
)
def snapshot(request: HttpRequest, at: Path[BoardPath], name: str) -> HttpResponse:
    """The stored file, byte for byte."""
    kept = snapshot_at(phase=phase_by_address(at.address), name=name, viewer=token_user(request), now=timezone.now())
    return handed(request, HttpResponse(kept.document, content_type="application/json"))


@router.post(
    "/boards/{challenge}/{task}/{phase}/snapshots",
    response={200: PublishedOut, 409: Refusal, **_REFUSALS},
    auth=TokenAuth(Scope.ORGANISER),
    summary="Publish the board as it is now",
)
def publish(request: HttpRequest, at: Path[BoardPath]) -> PublishedOut:
    """For organisers of the challenge. The same board twice is one snapshot."""
    actor = cast("SignedRequest", request).auth.user
    kept = services.publish(actor=actor, phase=phase_by_address(at.address), now=timezone.now())
    url = absolute(f"/c/{at.address}/board/{kept.name}")
    return PublishedOut(name=kept.name, url=url, sha256=kept.sha256)
