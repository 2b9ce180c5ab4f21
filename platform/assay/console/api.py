"""The console over the API: thin routes over services and selectors."""

from __future__ import annotations

from typing import cast

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import Router

from assay.accounts.auth import SignedRequest, TokenAuth
from assay.accounts.models import Scope, User
from assay.challenges.selectors import challenge_by_slug, phase_by_address
from assay.console import rescoring
from assay.console.access import check_organiser
from assay.console.archive.download import zipped
from assay.console.errors import RescoreUnknown
from assay.console.message import describe
from assay.console.models import Rescore
from assay.console.selectors import all_rescores, rescore_of
from evaluators.contract.jobs import Refusal
from evaluators.contract.rescores import RescoreIn, RescoreOut, RescorePublishIn

router = Router(tags=["console"], auth=TokenAuth(Scope.ORGANISER))
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal, 422: Refusal}


@router.post("/rescores", response={200: RescoreOut, **_REFUSALS}, summary="Score again what the runs of a phase left")
def begin(request: HttpRequest, data: RescoreIn) -> RescoreOut:
    """No container runs, and the board stays as it is until the re-score is published."""
    phase = phase_by_address(data.phase)
    begun = rescoring.begin(
        actor=_user(request), phase=phase, everything=data.everything, note=data.note, now=timezone.now()
    )
    return _told(begun)


@router.get(
    "/rescores", response={200: RescoreOut, **_REFUSALS}, summary="The open re-score of a phase, else the last one"
)
def newest(request: HttpRequest, phase: str) -> RescoreOut:
    """For organisers of the challenge, with old and new ranks."""
    found = phase_by_address(phase)
    check_organiser(_user(request), found.task.challenge)
    return describe(rescore_of(found))


@router.get("/rescores/{int:number}", response={200: RescoreOut, **_REFUSALS}, summary="One re-score")
def rescore(request: HttpRequest, number: int) -> RescoreOut:
    """For organisers of the challenge, with old and new ranks."""
    return describe(_own(request, number))


@router.post(
    "/rescores/{int:number}/retry", response={200: RescoreOut, **_REFUSALS}, summary="Try failed entries again"
)
def retry(request: HttpRequest, number: int) -> RescoreOut:
    """Each that has failed is asked for once more."""
    rescoring.try_again(actor=_user(request), rescore=(found := _own(request, number)), now=timezone.now())
    return _told(found)


@router.post(
    "/rescores/{int:number}/run-again", response={200: RescoreOut, **_REFUSALS}, summary="Run failed entries once more"
)
def run_again(request: HttpRequest, number: int) -> RescoreOut:
    """Their containers run again, outside every quota: for outputs that are no longer kept."""
    rescoring.run_again(actor=_user(request), rescore=(found := _own(request, number)), now=timezone.now())
    return _told(found)


@router.post(
    "/rescores/{int:number}/leave-out", response={200: RescoreOut, **_REFUSALS}, summary="Go on without the failed"
)
def leave_out(request: HttpRequest, number: int) -> RescoreOut:
    """They keep their old scores and have no rank beside new ones."""
    rescoring.leave_out(actor=_user(request), rescore=(found := _own(request, number)), now=timezone.now())
    return _told(found)


@router.post("/rescores/{int:number}/drop", response={200: RescoreOut, **_REFUSALS}, summary="Give a re-score up")
def drop(request: HttpRequest, number: int) -> RescoreOut:
    """The old scores stay."""
    rescoring.drop(actor=_user(request), rescore=(found := _own(request, number)), now=timezone.now())
    return _told(found)


@router.post(
    "/rescores/{int:number}/publish", response={200: RescoreOut, **_REFUSALS}, summary="Swap old scores for new ones"
)
def publish(request: HttpRequest, number: int, data: RescorePublishIn) -> RescoreOut:
    """All rows at once; the board before and the board after are kept as snapshots."""
    found = _own(request, number)
    rescoring.publish(actor=_user(request), rescore=found, typed=data.name, note=data.note, now=timezone.now())
    return _told(found)


@router.get(
    "/challenges/{slug:slug}/archive.zip",
    response={200: bytes, **_REFUSALS},
    summary="A finished challenge as plain pages, in one ZIP",
    openapi_extra={
        "responses": {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}
    },
)
def archive(request: HttpRequest, slug: str, licence: str = "", unfinished: bool = False) -> FileResponse:
    """What anybody may read of it, without network or script: boards, scoring, method cards, sample pictures, data card."""
    challenge = challenge_by_slug(slug)
    check_organiser(_user(request), challenge)
    return zipped(challenge, licence=licence, unfinished=unfinished)


def _user(request: HttpRequest) -> User:
    return cast("SignedRequest", request).auth.user


def _own(request: HttpRequest, number: int) -> Rescore:
    found = all_rescores().filter(pk=number).first()
    if found is None:
        raise RescoreUnknown
    check_organiser(_user(request), found.phase.task.challenge)
    return found


def _told(rescore: Rescore) -> RescoreOut:
    return describe(all_rescores().get(pk=rescore.pk))
