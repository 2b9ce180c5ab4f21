"""Pictures of public cases: who may put them, that hidden cases never have any, and how they are served."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from assay.datasets import services
from assay.datasets.models import Dataset, Picture
from evaluators.contract.pictures import MOST_PICTURE
from tests.unit.assay.conftest import NOW, Tokens, client_with


def png(width: int = 8, height: int = 6, *, shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), shade).save(out, format="PNG")
    return out.getvalue()


def deep_png() -> bytes:
    """As `png`, with 16 bits a pixel."""
    out = io.BytesIO()
    Image.new("I;16", (8, 6)).save(out, format="PNG")
    return out.getvalue()


def picture(content: bytes | None = None, **changes: Any) -> dict[str, Any]:
    """Two frames of 4 x 6 side by side."""
    return {
        "case": "case 01", "kind": "reference", "method": "", "frames": 2, "columns": 2, "width": 4, "height": 6,
        "slice_number": 1, "slices": 2, "png": base64.b64encode(content or png()).decode(), **changes,
    }  # fmt: skip


def put(token: str | None, body: dict[str, Any], *, at: str = "cine-demo-sample/1") -> Any:
    return client_with(token).put(f"/api/v1/datasets/{at}/pictures", body, content_type="application/json")


def test_a_public_case_has_the_last_picture_that_its_organiser_put(sample_dataset: Dataset, tokens: Tokens) -> None:
    assert put(tokens.organiser, picture()).status_code == 204
    assert put(tokens.organiser, picture(png(shade=200))).status_code == 204
    (kept,) = Picture.objects.all()
    answer = Client().get(f"/api/v1/datasets/cine-demo-sample/1/pictures/{kept.sha256}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == png(shade=200)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["reference", "image", "error"])
def test_a_hidden_case_never_has_a_picture(sealed_dataset: Dataset, tokens: Tokens, kind: str) -> None:
    body = picture(kind=kind, method="" if kind == "reference" else "U-Net")
    answer = put(tokens.organiser, body, at="cine-demo-test/1")
    assert (answer.status_code, answer.json()["error"]) == (403, "HIDDEN_DATA")
    assert not Picture.objects.exists()


def test_a_picture_of_a_hidden_case_that_got_in_all_the_same_is_served_to_nobody(
    sample_dataset: Dataset, tokens: Tokens
) -> None:
    put(tokens.organiser, picture())
    Dataset.objects.update(is_public=False)
    digest = Picture.objects.get().sha256
    for token in (None, tokens.organiser):
        address = f"/api/v1/datasets/cine-demo-sample/1/pictures/{digest}"
        assert client_with(token).get(address).status_code == 404


def test_a_draft_has_no_pictures(tokens: Tokens, organiser: Any) -> None:
    services.open_draft(actor=organiser, name="cine-demo-sample", version=1, now=NOW)
    assert put(tokens.organiser, picture()).json()["error"] == "HIDDEN_DATA"


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("captain", 403), ("outsider", 403)])
def test_nobody_but_its_organiser_puts_pictures(
    sample_dataset: Dataset, tokens: Tokens, role: str | None, status: int
) -> None:
    assert put(None if role is None else getattr(tokens, role), picture()).status_code == status
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"case": "case 99"},
        {"png": base64.b64encode(b"<svg onload=alert(1)>" * 4).decode()},
        {"frames": 5},
        {"width": 5},
        {"kind": "image"},
        {"method": "U-Net"},
        {"png": base64.b64encode(png() + b"\0" * MOST_PICTURE).decode()},
        {"case": "case\0 01"},
        {"kind": "image", "method": "U\0Net"},
        {"kind": "image", "method": "\u202eteN-U"},
        {"slice_number": 3},
        {"png": base64.b64encode(png(8192, 4096)).decode(), "frames": 32, "columns": 8, "width": 1024, "height": 1024},
        {"png": base64.b64encode(deep_png()).decode()},
    ],
)
def test_what_is_no_picture_of_the_case_is_refused(
    sample_dataset: Dataset, tokens: Tokens, changes: dict[str, Any]
) -> None:
    assert put(tokens.organiser, picture(**changes)).status_code == 422
    assert not Picture.objects.exists()


def test_a_file_that_is_no_picture_is_not_served_as_one(sample_dataset: Dataset) -> None:
    digest = sample_dataset.cases.get(index=0).files.get(role="reference").sha256
    assert Client().get(f"/api/v1/datasets/cine-demo-sample/1/pictures/{digest}").status_code == 404
