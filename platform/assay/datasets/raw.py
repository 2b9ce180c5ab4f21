"""Bodies of files: plain streaming views, because a framework's request body would lie in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from assay.accounts.auth import require_token
from assay.accounts.models import Scope
from assay.config.errors import MethodRefused, NotFound, answers_refusals
from assay.datasets import selectors, services, store
from assay.datasets.uploads import body_chunks


@csrf_exempt  # the token is no cookie: another site cannot send it
@answers_refusals
def blob(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """HEAD: have you sent this file before? PUT: send it. Both for the owner of `?dataset=name@version`.

    Nobody reads a blob here: hidden files go to workers alone, public ones have an address of their own.
    """
    if request.method not in {"HEAD", "PUT"}:
        raise MethodRefused
    actor = require_token(request, scope=Scope.ORGANISER).user
    dataset = selectors.own_dataset(address=request.GET.get("dataset", ""), owner=actor)
    if request.method == "HEAD":
        there = selectors.holds_blob(holder=actor, sha256=sha256) and store.blob_path(sha256).is_file()
        return HttpResponse(status=200 if there else 404)
    services.store_blob(actor=actor, dataset=dataset, sha256=sha256, chunks=body_chunks(request), now=timezone.now())
    return HttpResponse(status=204)


@answers_refusals
def public_file(request: HttpRequest, name: str, version: int, sha256: str) -> HttpResponseBase:
    """GET: one file of a public sample, for anybody."""
    if request.method not in {"GET", "HEAD"}:
        raise MethodRefused
    dataset = selectors.public_dataset(name=name, version=version)
    if not selectors.is_public_blob(dataset=dataset, sha256=sha256):
        raise NotFound
    response = FileResponse(
        store.blob_path(sha256).open("rb"), as_attachment=True, filename=sha256, content_type="application/octet-stream"
    )
    response.headers["ETag"] = f'"{sha256}"'
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@answers_refusals
def picture(request: HttpRequest, name: str, version: int, sha256: str) -> HttpResponseBase:
    """GET: one picture of a public sample's case, for anybody."""
    return _shown(request, name, version, sha256, belongs=selectors.is_picture, content_type="image/png")


@answers_refusals
def volume(request: HttpRequest, name: str, version: int, sha256: str) -> HttpResponseBase:
    """GET: one volume of a public sample's case, a .nii.gz, for anybody."""
    return _shown(request, name, version, sha256, belongs=selectors.is_volume, content_type="application/gzip")


def _shown(
    request: HttpRequest, name: str, version: int, sha256: str, *, belongs: Callable[..., bool], content_type: str
) -> HttpResponseBase:
    """What a page shows of a public version: its address is its content. belongs: whether the version has such a blob."""
    if request.method not in {"GET", "HEAD"}:
        raise MethodRefused
    if not belongs(dataset=selectors.public_dataset(name=name, version=version), sha256=sha256):
        raise NotFound
    response = FileResponse(store.blob_path(sha256).open("rb"), content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


_SHA256 = {"name": "sha256", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
_DATASET = {
    "name": "dataset", "in": "query", "required": True,
    "schema": {"type": "string"}, "description": "name@version of your draft",
}  # fmt: skip
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def _answers(**codes: str) -> dict[str, Any]:
    return {code.lstrip("_"): {"description": description} for code, description in codes.items()}


def _of_sample(what: str, *, found: str, kind: str) -> dict[str, Any]:
    """One thing of a public sample, for anybody."""
    return {
        "parameters": [
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "version", "in": "path", "required": True, "schema": {"type": "integer"}},
            _SHA256,
        ],
        "get": {
            "tags": ["datasets"], "summary": f"One {what} of a public sample",
            "responses": {
                "200": {"description": found, "content": {kind: {"schema": {"type": "string", "format": "binary"}}}},
                **_answers(_404="not public"),
            },
        },
    }  # fmt: skip


#: for /api/openapi.json
OPENAPI: dict[str, Any] = {
    "/api/v1/blobs/{sha256}": {
        "parameters": [_SHA256, _DATASET],
        "head": {
            "tags": ["datasets"], "summary": "Have you sent this file before?", "security": [{"TokenAuth": []}],
            "responses": _answers(_200="yes", _404="no", _401="no token", _403="not an organiser's token"),
        },
        "put": {
            "tags": ["datasets"], "summary": "Send one file of a draft", "security": [{"TokenAuth": []}],
            "requestBody": {"required": True, "content": _BYTES},
            "responses": _answers(
                _204="kept", _400="broken off", _401="no token", _403="not yours", _404="no such draft",
                _409="sealed", _411="length needed", _413="too large", _422="another hash", _507="no room at the site",
            ),
        },
    },
    "/api/v1/datasets/{name}/{version}/files/{sha256}": _of_sample("file", found="the file", kind="application/octet-stream"),
    "/api/v1/datasets/{name}/{version}/pictures/{sha256}": _of_sample("picture", found="a PNG", kind="image/png"),
    "/api/v1/datasets/{name}/{version}/volumes/{sha256}": _of_sample("volume", found="a .nii.gz", kind="application/gzip"),
}  # fmt: skip
