"""Volumes of public cases: who may put them, that only the one plain form is kept, and how they are served."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import numpy as np
import pytest
from django.test import Client

from assay.datasets.models import Dataset, Volume
from evaluators.contract.volumes import MOST_VOXELS
from evaluators.phantoms.nifti import nifti_bytes
from tests.unit.assay.conftest import Tokens, client_with

SHAPE = (6, 5, 4)


@pytest.fixture
def sample(sample_dataset: Dataset) -> Dataset:
    """The sample, its first case a volume."""
    sample_dataset.cases.filter(index=0).update(shape=list(SHAPE))
    return sample_dataset


def nii(shape: tuple[int, ...] = SHAPE, *, dtype: type = np.uint8, affine: Any = "eye") -> bytes:
    return nifti_bytes(np.ones(shape, dtype=dtype), affine=np.eye(4) if isinstance(affine, str) else affine)


def put(token: str | None, content: bytes | None = None, *, at: str = "cine-demo-sample/1", **changes: Any) -> Any:
    body = {"case": "case 01", "kind": "input", "nii": base64.b64encode(nii() if content is None else content).decode()}
    return client_with(token).put(
        f"/api/v1/datasets/{at}/volumes", {**body, **changes}, content_type="application/json"
    )


def test_a_public_case_has_the_last_volume_that_its_organiser_put(sample: Dataset, tokens: Tokens) -> None:
    assert put(tokens.organiser).status_code == 204
    later = nifti_bytes(np.full(SHAPE, 7, dtype=np.uint8), affine=np.eye(4))
    assert put(tokens.organiser, later).status_code == 204
    (kept,) = Volume.objects.all()
    answer = Client().get(f"/api/v1/datasets/cine-demo-sample/1/volumes/{kept.sha256}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/gzip")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert gzip.decompress(b"".join(answer.streaming_content)) == later  # type: ignore[attr-defined]
    Dataset.objects.update(is_public=False)
    address = f"/api/v1/datasets/cine-demo-sample/1/volumes/{kept.sha256}"
    assert client_with(tokens.organiser).get(address).status_code == 404


def test_a_hidden_case_never_has_a_volume(sealed_dataset: Dataset, tokens: Tokens) -> None:
    answer = put(tokens.organiser, at="cine-demo-test/1")
    assert (answer.status_code, answer.json()["error"]) == (403, "HIDDEN_DATA")
    assert not Volume.objects.exists()


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("captain", 403), ("outsider", 403)])
def test_nobody_but_its_organiser_puts_volumes(sample: Dataset, tokens: Tokens, role: str | None, status: int) -> None:
    assert put(None if role is None else getattr(tokens, role)).status_code == status
    assert not Volume.objects.exists()


def _with(at: int, content: bytes) -> bytes:
    whole = bytearray(nii())
    whole[at : at + len(content)] = content
    return bytes(whole)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        gzip.compress(nii()),
        nii()[:-1],
        nii() + b"\0",
        nii(dtype=np.int16),
        nii((6, 5)),
        nii((6, 4, 5)),
        nii(affine=None),
        _with(348, b"\1\0\0\0"),  # extensions follow
        _with(280, np.array([np.nan], dtype="<f4").tobytes()),
        _with(112, np.array([2.0], dtype="<f4").tobytes()),
        _with(40, np.array([3, 2**15 - 1, 2**15 - 1, 2**15 - 1], dtype="<i2").tobytes()),
        _with(280, bytes(48)),
        _with(80, np.array([np.nan], dtype="<f4").tobytes()),
        _with(84, bytes(4)),
        _with(48, np.array([-1], dtype="<i2").tobytes()),
    ],
    ids=[
        "empty", "packed", "cut", "longer", "int16", "picture", "turned", "no affine", "extension", "NaN", "scaled", "huge", "flat",
        "NaN voxel", "flat voxel", "negative",
    ],
)  # fmt: skip
def test_every_other_form_is_refused(sample: Dataset, tokens: Tokens, content: bytes) -> None:
    assert put(tokens.organiser, content).status_code == 422
    assert not Volume.objects.exists()


def test_what_is_no_volume_of_the_case_is_refused(sample: Dataset, tokens: Tokens) -> None:
    for changes in (
        {"case": "case 99"},
        {"case": "case 02"},  # a picture
        {"kind": "image"},
        {"method": "U-Net"},
        {"kind": "error", "method": "U\0Net"},
        {"step": 2},
        {"nii": base64.b64encode(bytes(MOST_VOXELS + 353)).decode()},
    ):
        assert put(tokens.organiser, **changes).status_code == 422
    assert not Volume.objects.exists()
    assert put(tokens.organiser, nii((3, 3, 2)), step=2).status_code == 204
