"""Boards over the API in the forms that papers take; see `api.py` for JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from assay.accounts.auth import token_user
from assay.leaderboards.api_path import BoardPath
from assay.leaderboards.export_views import exported_answer
from evaluators.contract.jobs import Refusal

router = Router(tags=["boards"])
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal}


def _text(kind: str) -> dict[str, object]:
    return {"responses": {200: {"content": {kind: {"schema": {"type": "string"}}}}}}


def _answer(request: HttpRequest, at: BoardPath, ending: str, *, name: str = "", stratum: str = "") -> HttpResponse:
    viewer = token_user(request)
    return exported_answer(request, at.address, ending=ending, viewer=viewer, name=name, stratum=stratum)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}.tex",
    response={200: str, **_REFUSALS},
    summary="The board as a LaTeX table",
    openapi_extra=_text("application/x-tex"),
)
def board_table(request: HttpRequest, at: Path[BoardPath], stratum: str | None = None) -> HttpResponse:
    """For a paper; needs booktabs."""
    return _answer(request, at, "tex", stratum=stratum or "")


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}/snapshots/{name}.tex",
    response={200: str, **_REFUSALS},
    summary="A published board as a LaTeX table",
    openapi_extra=_text("application/x-tex"),
)
def snapshot_table(request: HttpRequest, at: Path[BoardPath], name: str) -> HttpResponse:
    """The caption holds the day and the hash of the stored file."""
    return _answer(request, at, "tex", name=name)


@router.api_operation(
    ["GET", "HEAD"],
    "/boards/{challenge}/{task}/{phase}/snapshots/{name}.csv",
    response={200: str, **_REFUSALS},
    summary="A published board as CSV",
    openapi_extra=_text("text/csv"),
)
def snapshot_rows(request: HttpRequest, at: Path[BoardPath], name: str) -> HttpResponse:
    """The same rows as the JSON, means unrounded."""
    return _answer(request, at, "csv", name=name)
