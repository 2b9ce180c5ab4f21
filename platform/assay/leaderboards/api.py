"""Boards over the API, as JSON and CSV."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Router, Schema

from assay.accounts.auth import optional_token
from assay.challenges.selectors import phase_by_address
from assay.leaderboards import selectors
from assay.leaderboards.exports import board_csv
from evaluators.contract.api import BoardOut
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


@router.get(
    "/boards/{challenge}/{task}/{phase}.csv",
    response={200: str, **_REFUSALS},
    summary="The board as CSV",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def board_table(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> HttpResponse:
    """The same rows as the JSON, means unrounded."""
    name = at.address.replace("/", "-")
    return HttpResponse(
        board_csv(_board(request, at, stratum)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@router.get("/boards/{challenge}/{task}/{phase}", response={200: BoardOut, **_REFUSALS}, summary="The board of a phase")
def board(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> BoardOut:
    """Public once its date has come; `stratum=af=4` ranks over those cases alone. Missing means are null, never 0."""
    return _board(request, at, stratum)


def _board(request: HttpRequest, at: BoardPath, stratum: str | None) -> BoardOut:
    token = optional_token(request)
    viewer = None if token is None else token.user
    return selectors.board(phase=phase_by_address(at.address), viewer=viewer, now=timezone.now(), stratum=stratum)
