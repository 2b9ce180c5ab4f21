"""Boards over the API, as JSON and CSV."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Router, Schema

from assay.accounts.auth import SignedRequest, TokenAuth, optional_token
from assay.accounts.models import Scope, User
from assay.challenges.selectors import phase_by_address
from assay.leaderboards import services
from assay.leaderboards.exports import board_csv
from assay.leaderboards.kept_pages import is_stranger, kept_or_made
from assay.leaderboards.snapshots import snapshot_at
from assay.leaderboards.stored import BoardState, board_state, glance, read_board, read_document
from evaluators.contract.boards import BoardOut, PublishedOut, SnapshotOut
from evaluators.contract.jobs import Refusal

router = Router(tags=["boards"])
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal}


class BoardPath(Schema):
    """challenge/task/phase as three parts of an address."""

    challenge: str
    task: str
    phase: str

    @property
    def address(self) -> str:
        """As one word."""
        return f"{self.challenge}/{self.task}/{self.phase}"


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}.csv",
    response={200: str, **_REFUSALS},
    summary="The board as CSV",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def board_table(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> HttpResponse:
    """The same rows as the JSON, means unrounded."""
    name = at.address.replace("/", "-")

    def make(state: BoardState, viewer: User | None, now: datetime) -> HttpResponse:
        return HttpResponse(
            board_csv(read_board(state, viewer=viewer, now=now)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )

    return _answer(request, at, stratum, make)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}",
    response={200: BoardOut, **_REFUSALS},
    summary="The board of a phase",
)
def board(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> HttpResponse:
    """Public once its date has come; `stratum=af=4` ranks over those cases alone. Missing means are null, never 0."""

    def make(state: BoardState, viewer: User | None, now: datetime) -> HttpResponse:
        return HttpResponse(read_document(state, viewer=viewer, now=now), content_type="application/json")

    return _answer(request, at, stratum, make)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}/snapshots/{name}",
    response={200: SnapshotOut, **_REFUSALS},
    summary="A board as it was published",
)
def snapshot(request: HttpRequest, at: Path[BoardPath], name: str) -> HttpResponse:
    """The stored file, byte for byte."""
    kept = snapshot_at(phase=phase_by_address(at.address), name=name, viewer=_viewer(request), now=timezone.now())
    return HttpResponse(kept.document, content_type="application/json")


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
    url = f"{settings.SITE_URL.rstrip('/')}/c/{at.address}/board/{kept.name}"
    return PublishedOut(name=kept.name, url=url, sha256=kept.sha256)


def _answer(
    request: HttpRequest,
    at: BoardPath,
    stratum: str | None,
    make: Callable[[BoardState, User | None, datetime], HttpResponse],
) -> HttpResponse:
    viewer, now = _viewer(request), timezone.now()

    def made() -> tuple[HttpResponse, str | None]:
        state = board_state(at.address, stratum=stratum or "")
        return make(state, viewer, now), state.current.sha256 if state.current else None

    seen = glance(at.address, stratum=stratum or "") if is_stranger(request) else None
    return kept_or_made(request, seen=seen, now=now, make=made)


def _viewer(request: HttpRequest) -> User | None:
    token = optional_token(request)
    return None if token is None else token.user
