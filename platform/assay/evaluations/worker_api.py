"""The worker API: thin routes over the services, opened by worker tokens alone. Messages are contract/jobs.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, cast
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import P, Query, Router
from ninja.security import HttpBearer

from assay.datasets.store import blob_path
from assay.evaluations import selectors, services
from assay.evaluations.errors import ContractMismatch, FileLost, NotHeld, WorkerUnknown
from assay.evaluations.models import Worker
from assay.images.composed import compose, layers_of
from assay.predictions.services import predictions_path
from evaluators.contract.datasets import SHA256
from evaluators.contract.jobs import (
    CaseReport,
    ClaimRequest,
    FinishReport,
    Heartbeat,
    HeartbeatAnswer,
    Job,
    StateReport,
)
from evaluators.contract.version import CONTRACT_VERSION

Digest = Annotated[str, P(pattern=SHA256)]


class WorkerRequest(HttpRequest):
    """A request that WorkerAuth let through."""

    auth: Worker


class WorkerAuth(HttpBearer):
    """`Authorization: Bearer assayw_…` from a worker of this very release."""

    def authenticate(self, request: HttpRequest, token: str) -> Worker:
        """The worker. Raises WorkerUnknown (no such token, or revoked), ContractMismatch."""
        worker = services.authenticate_worker(token)
        if worker is None:
            raise WorkerUnknown
        # before the message is parsed: another release's message may have other fields
        if request.method == "POST" and _contract_of(request.body) != CONTRACT_VERSION:
            raise ContractMismatch(f"This site speaks contract {CONTRACT_VERSION}.")
        return worker


def _contract_of(body: bytes) -> object:
    """What a message says it speaks; what is no message at all is left to the parser."""
    try:
        message = json.loads(body)
    except ValueError:
        return CONTRACT_VERSION
    return message.get("contract", CONTRACT_VERSION) if isinstance(message, dict) else CONTRACT_VERSION


router = Router(auth=WorkerAuth(), tags=["worker"])


def _worker(request: HttpRequest) -> Worker:
    return cast("WorkerRequest", request).auth


@router.post("/claim", response={200: Job, 204: None})
def claim(request: HttpRequest, message: ClaimRequest) -> Job | HttpResponse:
    """The next evaluation for this worker, or 204."""
    job = services.claim(worker=_worker(request), request=message, now=timezone.now())
    return HttpResponse(status=204) if job is None else job


@router.post("/evaluations/{uuid:pk}/heartbeat", response=HeartbeatAnswer)
def heartbeat(request: HttpRequest, pk: UUID, message: Heartbeat) -> HeartbeatAnswer:
    """Renews the lease."""
    return services.heartbeat(worker=_worker(request), pk=pk, message=message, now=timezone.now())


@router.post("/evaluations/{uuid:pk}/state", response={204: None})
def state(request: HttpRequest, pk: UUID, message: StateReport) -> HttpResponse:
    """The container runs, or its outputs are being scored."""
    services.report_state(worker=_worker(request), pk=pk, message=message, now=timezone.now())
    return HttpResponse(status=204)


@router.post("/evaluations/{uuid:pk}/cases", response={204: None})
def cases(request: HttpRequest, pk: UUID, message: CaseReport) -> HttpResponse:
    """Results of cases, all or none."""
    services.record_cases(worker=_worker(request), pk=pk, message=message, now=timezone.now())
    return HttpResponse(status=204)


@router.post("/evaluations/{uuid:pk}/finish", response={204: None})
def finish(request: HttpRequest, pk: UUID, message: FinishReport) -> HttpResponse:
    """The end of this attempt."""
    services.finish(worker=_worker(request), pk=pk, message=message, now=timezone.now())
    return HttpResponse(status=204)


@router.get("/blobs/{sha256}", response={200: bytes})
def blob(request: HttpRequest, sha256: Digest) -> FileResponse:
    """An input or a sealed reference of an evaluation that this worker holds, as a stream."""
    if not selectors.holds_blob(worker=_worker(request), sha256=sha256):
        raise NotHeld
    return _stream(blob_path(sha256))


@router.get("/images/{digest}", response={200: bytes})
def image(request: HttpRequest, digest: Digest, above: Annotated[int, Query(ge=0)] = 0) -> StreamingHttpResponse:
    """The image archive of an evaluation that this worker holds, as a stream, without its `above` lowest layers."""
    if not selectors.holds_image(worker=_worker(request), config_digest=digest):
        raise NotHeld
    try:
        archive = compose(digest, above=above)
    except FileNotFoundError:
        raise FileLost from None
    headers = {"Content-Length": str(archive.size)}
    return StreamingHttpResponse(archive.chunks(), content_type="application/octet-stream", headers=headers)


@router.get("/images/{digest}/layers", response={200: list[str]})
def image_layers(request: HttpRequest, digest: Digest) -> list[str]:
    """The diff_ids of that image, lowest first: the worker's engine may have the lowest of them."""
    if not selectors.holds_image(worker=_worker(request), config_digest=digest):
        raise NotHeld
    try:
        # no tuple: of two, the first would be the status
        return list(layers_of(digest))
    except FileNotFoundError:
        raise FileLost from None


@router.get("/predictions/{sha256}", response={200: bytes})
def predictions(request: HttpRequest, sha256: Digest) -> FileResponse:
    """The archive of result files of an evaluation that this worker holds, as a stream."""
    if not selectors.holds_predictions(worker=_worker(request), sha256=sha256):
        raise NotHeld
    return _stream(predictions_path(sha256))


def _stream(path: Path) -> FileResponse:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise FileLost from None
    # FileResponse closes it
    return FileResponse(file, content_type="application/octet-stream")
