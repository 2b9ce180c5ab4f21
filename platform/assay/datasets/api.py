"""Datasets over the API: drafts, sealing, and the files of public samples. Bodies of files: raw.py."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Path, Router, Schema
from pydantic import Field

from assay.accounts.auth import SignedRequest, TokenAuth, optional_token
from assay.accounts.models import Scope, User
from assay.datasets import pictures, selectors, services
from assay.datasets.models import Dataset, FileRole
from assay.datasets.services import MOST_VERSIONS
from evaluators.contract.api import SLUG, DatasetIn, DatasetOut, PublicCaseOut, PublicFileOut, SealIn
from evaluators.contract.jobs import Refusal
from evaluators.contract.pictures import PictureIn
from evaluators.contract.volumes import VolumeIn

router = Router(tags=["datasets"])
_ORGANISER = TokenAuth(Scope.ORGANISER)
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal, 422: Refusal}


class DatasetPath(Schema):
    """name@version as two parts of an address."""

    name: str = Field(pattern=SLUG, max_length=80)
    version: int = Field(ge=1, le=MOST_VERSIONS)


@router.post("/datasets", response={200: DatasetOut, **_REFUSALS}, auth=_ORGANISER, summary="Open a draft")
def open_draft(request: HttpRequest, data: DatasetIn) -> DatasetOut:
    """Opens name@version for files, or gives the same draft back. A sealed version answers 409 with the next free one."""
    actor = _actor(request)
    dataset = services.open_draft(actor=actor, name=data.name, version=data.version, now=timezone.now())
    return _out(dataset, viewer=actor)


@router.get("/datasets/{name}/{version}", response={200: DatasetOut, 404: Refusal}, summary="What a version holds")
def show(request: HttpRequest, at: Path[DatasetPath]) -> DatasetOut:
    """Public versions for everybody, hidden ones for organisers, drafts for their owner (with the key)."""
    token = optional_token(request)
    organiser = token is not None and Scope.ORGANISER in token.scopes and token.user.is_staff
    viewer = token.user if token is not None and organiser else None
    dataset = selectors.visible_dataset(name=at.name, version=at.version, viewer=viewer, organiser=organiser)
    return _out(dataset, viewer=viewer)


@router.post(
    "/datasets/{name}/{version}/seal", response={200: DatasetOut, **_REFUSALS}, auth=_ORGANISER, summary="Seal a draft"
)
def seal(request: HttpRequest, at: Path[DatasetPath], data: SealIn) -> DatasetOut:
    """Every file of the manifest must have been uploaded. A sealed version never changes."""
    actor = _actor(request)
    dataset = selectors.visible_dataset(name=at.name, version=at.version, viewer=actor, organiser=True)
    sealed = services.seal(actor=actor, dataset=dataset, manifest=data.manifest, now=timezone.now())
    return _out(sealed, viewer=actor)


@router.put(
    "/datasets/{name}/{version}/pictures",
    response={204: None, **_REFUSALS},
    auth=_ORGANISER,
    summary="A picture of a public case",
)
def put_picture(request: HttpRequest, at: Path[DatasetPath], data: PictureIn) -> HttpResponse:
    """In place of an earlier one of the same case, kind and method. A hidden version answers 403."""
    actor = _actor(request)
    dataset = selectors.own_dataset(address=f"{at.name}@{at.version}", owner=actor)
    pictures.put_picture(actor=actor, dataset=dataset, picture=data, now=timezone.now())
    return HttpResponse(status=204)


@router.put(
    "/datasets/{name}/{version}/volumes",
    response={204: None, **_REFUSALS},
    auth=_ORGANISER,
    summary="A volume of a public case",
)
def put_volume(request: HttpRequest, at: Path[DatasetPath], data: VolumeIn) -> HttpResponse:
    """In place of an earlier one of the same case, kind and method. A hidden version answers 403."""
    actor = _actor(request)
    dataset = selectors.own_dataset(address=f"{at.name}@{at.version}", owner=actor)
    pictures.put_volume(actor=actor, dataset=dataset, volume=data, now=timezone.now())
    return HttpResponse(status=204)


@router.get(
    "/datasets/{name}/{version}/files",
    response={200: list[PublicFileOut], 404: Refusal},
    summary="Files of a public sample",
)
def files(request: HttpRequest, at: Path[DatasetPath]) -> list[PublicFileOut]:  # noqa: ARG001 -- ninja's signature
    """Cases and references of a public version with the address of each file. Hidden versions answer 404 to everybody."""
    dataset = selectors.public_dataset(name=at.name, version=at.version)
    return [
        PublicFileOut(
            case=file.case,
            role=file.role,
            path=file.path,
            sha256=file.sha256,
            size=file.size,
            url=reverse("api:dataset-file", args=[dataset.name, dataset.version, file.sha256]),
        )
        for file in selectors.public_files(dataset)
    ]


@router.get(
    "/datasets/{name}/{version}/cases",
    response={200: list[PublicCaseOut], 404: Refusal},
    summary="Cases of a public sample",
)
def cases(request: HttpRequest, at: Path[DatasetPath]) -> list[PublicCaseOut]:  # noqa: ARG001 -- ninja's signature
    """What a container gets and a scorer needs to know of each case of a public version. Hidden versions answer 404 to
    everybody."""
    dataset = selectors.public_dataset(name=at.name, version=at.version)
    return [
        PublicCaseOut(
            label=case.label,
            strata=case.strata,
            inputs=selectors.file_refs(case, role=FileRole.INPUT, name=name),
            references=selectors.file_refs(case, role=FileRole.REFERENCE, name=name),
            shape=tuple(case.shape),
            affine=case.affine,
        )
        for case, name in selectors.named_cases(dataset)
    ]


def _actor(request: HttpRequest) -> User:
    return cast("SignedRequest", request).auth.user


def _out(dataset: Dataset, *, viewer: User | None) -> DatasetOut:
    return DatasetOut(
        name=dataset.name,
        version=dataset.version,
        state=dataset.state,
        key=None if viewer is None else services.draft_key(actor=viewer, dataset=dataset),
        sha256=dataset.sha256 or None,
        cases=dataset.cases.count(),
    )
