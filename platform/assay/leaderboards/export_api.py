"""Boards over the API in the forms that papers take; see `api.py` for JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema

from assay.accounts.auth import optional_token
from assay.leaderboards.export_views import exported_answer
from evaluators.contract.jobs import Refusal

router = Router(tags=["boards"])
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal}


class FilePath(Schema):
    """challenge/task/phase as three parts of an address."""

    challenge: str
    task: str
    phase: str


def _text(kind: str) -> dict[str, object]:
    return {"responses": {200: {"content": {kind: {"schema": {"type": "string"}}}}}}


def _answer(request: HttpRequest, at: FilePath, ending: str, *, name: str = "", stratum: str = "") -> HttpResponse:
    token = optional_token(request)
    address = f"{at.challenge}/{at.task}/{at.phase}"
    viewer = None if token is None else token.user
    return exported_answer(request, address, ending=ending, viewer=viewer, name=name, stratum=stratum)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}.tex",
    response={200: str, **_REFUSALS},
    summary="The board as a LaTeX table",
    openapi_extra=_text("application/x-tex"),
)
def board_table(request: HttpRequest, at: Path[FilePath], stratum: str | None = None) -> HttpResponse:
    """For a paper; needs booktabs."""
    return _answer(request, at, "tex", stratum=stratum or "")


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}/snapshots/{name}.tex",
    response={200: str, **_REFUSALS},
    summary="A published board as a LaTeX table",
    openapi_extra=_text("application/x-tex"),
)
def snapshot_table(request: HttpRequest, at: Path[FilePath], name: str) -> HttpResponse:
    """The caption holds the day and the hash of the stored file."""
    return _answer(request, at, "tex", name=name)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}/snapshots/{name}.csv",
    response={200: str, **_REFUSALS},
    summary="A published board as CSV",
    openapi_extra=_text("text/csv"),
)
def snapshot_rows(request: HttpRequest, at: Path[FilePath], name: str) -> HttpResponse:
    """The same rows as the JSON, means unrounded."""
    return _answer(request, at, "csv", name=name)
