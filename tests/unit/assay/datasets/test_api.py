"""Datasets over HTTP: who gets what, and that hidden files are served to nobody."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from assay.accounts.models import Scope, User
from assay.datasets import services, store
from assay.datasets.models import Blob, CaseFile, Dataset, FileRole
from tests.unit.assay.conftest import NOW, Tokens, client_with, token_of
from tests.unit.assay.samples import dataset_manifest, sha256

OCTETS = "application/octet-stream"


def test_an_organiser_uploads_a_dataset_from_nothing_to_sealed(tokens: Tokens) -> None:
    client = client_with(tokens.organiser)
    manifest, blobs = dataset_manifest()

    opened = client.post("/api/v1/datasets", {"name": "cine", "version": 1}, content_type="application/json")
    assert opened.status_code == 200
    assert (opened.json()["state"], len(opened.json()["key"])) == ("draft", 64)
    for digest, content in blobs.items():
        address = f"/api/v1/blobs/{digest}?dataset=cine@1"
        assert client.head(address).status_code == 404
        assert client.put(address, content, content_type=OCTETS).status_code == 204
        assert client.head(address).status_code == 200
    body = {"manifest": manifest.model_dump(mode="json")}
    sealed = client.post("/api/v1/datasets/cine/1/seal", body, content_type="application/json")

    assert sealed.json() == {
        "name": "cine", "version": 1, "state": "sealed", "key": None,
        "sha256": services.manifest_digest(manifest), "cases": 12,
    }  # fmt: skip
    assert client.get("/api/v1/datasets/cine/1").json() == sealed.json()
    reopened = client.post("/api/v1/datasets", {"name": "cine", "version": 1}, content_type="application/json")
    assert reopened.status_code == 409
    assert reopened.json()["error"] == "DATASET_SEALED"
    assert "cine@2" in reopened.json()["next"]


def test_wrong_bytes_are_refused_with_422_and_nothing_is_kept(tokens: Tokens) -> None:
    client = client_with(tokens.organiser)
    client.post("/api/v1/datasets", {"name": "cine", "version": 1}, content_type="application/json")
    address = f"/api/v1/blobs/{sha256(b'right')}?dataset=cine@1"

    answer = client.put(address, b"wrong", content_type=OCTETS)
    assert (answer.status_code, answer.json()["error"]) == (422, "HASH_MISMATCH")
    assert client.head(address).status_code == 404
    assert not Blob.objects.exists()


#: who asks -> what they learn of (a hidden sealed version, a public one, somebody's draft)
KNOWLEDGE = {
    None: (404, 200, 404),
    "outsider": (404, 200, 404),
    "captain": (404, 200, 404),
    "rival": (200, 200, 404),
    "organiser": (200, 200, 200),
    "organiser with a team's token": (404, 200, 404),
}


@pytest.fixture
def askers(tokens: Tokens, organiser: User, db: None) -> dict[str | None, Client]:
    """A client for everybody who may ask."""
    rival = User.objects.create_user(username="rival", email="rival@example.org", is_staff=True)
    return {
        None: client_with(None),
        "outsider": client_with(tokens.outsider),
        "captain": client_with(tokens.captain),
        "rival": client_with(token_of(rival, Scope.ORGANISER)),
        "organiser": client_with(tokens.organiser),
        "organiser with a team's token": client_with(token_of(organiser, Scope.TEAM)),
    }


@pytest.mark.parametrize("who", KNOWLEDGE)
def test_who_learns_that_a_version_exists(
    who: str | None,
    askers: dict[str | None, Client],
    organiser: User,
    sealed_dataset: Dataset,
    sample_dataset: Dataset,
) -> None:
    services.open_draft(actor=organiser, name="draft", version=1, now=NOW)

    paths = ("/api/v1/datasets/cine-demo-test/1", "/api/v1/datasets/cine-demo-sample/1", "/api/v1/datasets/draft/1")
    answers = [askers[who].get(path) for path in paths]
    assert tuple(answer.status_code for answer in answers) == KNOWLEDGE[who]
    keys = [answer.json().get("key") for answer in answers if answer.status_code == 200]
    assert [key is not None for key in keys] == ([False, False, True] if who == "organiser" else [False] * len(keys))


@pytest.fixture
def hidden_files(organiser: User, sealed_dataset: Dataset, sample_dataset: Dataset) -> dict[str, str]:
    """One stored file of every kind that is not public: its hash."""
    draft = services.open_draft(actor=organiser, name="draft", version=1, now=NOW)
    services.store_blob(actor=organiser, dataset=draft, sha256=sha256(b"draft"), chunks=[b"draft"], now=NOW)
    of_sealed = CaseFile.objects.filter(case__dataset=sealed_dataset)
    return {
        "input": of_sealed.filter(role=FileRole.INPUT).values_list("sha256", flat=True)[0],
        "reference": of_sealed.filter(role=FileRole.REFERENCE).values_list("sha256", flat=True)[0],
        "file of a draft": sha256(b"draft"),
    }


@pytest.mark.parametrize("who", KNOWLEDGE)
def test_a_hidden_file_is_served_to_nobody(
    who: str | None, askers: dict[str | None, Client], hidden_files: dict[str, str]
) -> None:
    for kind, digest in hidden_files.items():
        assert store.blob_path(digest).is_file()
        for path in (
            f"/api/v1/blobs/{digest}?dataset=cine-demo-test@1",
            f"/api/v1/blobs/{digest}?dataset=cine-demo-sample@1",
            f"/api/v1/blobs/{digest}?dataset=draft@1",
            f"/api/v1/blobs/{digest}",
            f"/api/v1/datasets/cine-demo-test/1/files/{digest}",
            f"/api/v1/datasets/cine-demo-sample/1/files/{digest}",
            f"/api/v1/datasets/draft/1/files/{digest}",
            f"/api/worker/v1/blobs/{digest}",
        ):
            answer = askers[who].get(path)
            assert answer.status_code in {401, 404, 405}, (kind, path)
            assert answer.headers["Content-Type"].startswith("application/json"), (kind, path)
    for dataset in ("cine-demo-test", "draft"):
        for path in (f"/api/v1/datasets/{dataset}/1/files", f"/api/v1/datasets/{dataset}/1/cases"):
            assert askers[who].get(path).status_code == 404


@pytest.mark.parametrize("who", [None, "outsider", "rival", "organiser"])
def test_a_public_sample_is_downloaded_by_anybody(
    who: str | None, askers: dict[str | None, Client], sample_dataset: Dataset
) -> None:
    listing = askers[who].get("/api/v1/datasets/cine-demo-sample/1/files").json()

    assert len(listing) == 18
    assert listing[0]["case"] == "case 01"
    names = {entry["path"].split("/")[4] for entry in listing if entry["role"] == "input"}
    assert names == {"P001", "P002", "P003"}
    for entry in listing:
        answer = askers[who].get(entry["url"])
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert (sha256(content), len(content)) == (entry["sha256"], entry["size"])
        assert answer.headers["Content-Type"] == OCTETS
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_cases_of_a_public_sample_are_told_as_a_scorer_needs_them(sample_dataset: Dataset) -> None:
    told = Client().get("/api/v1/datasets/cine-demo-sample/1/cases").json()
    files = Client().get("/api/v1/datasets/cine-demo-sample/1/files").json()

    assert [case["label"] for case in told] == list(dict.fromkeys(file["case"] for file in files))
    # the same paths by the same names
    assert [file["path"] for case in told for file in (*case["inputs"], *case["references"])] == [
        file["path"] for file in files
    ]
    first = sample_dataset.cases.get(index=0)
    assert (told[0]["shape"], told[0]["strata"], told[0]["affine"]) == (first.shape, first.strata, first.affine)


@pytest.mark.parametrize("listing", ["files", "cases"])
def test_a_listing_says_nothing_of_subjects(sample_dataset: Dataset, listing: str) -> None:
    text = Client().get(f"/api/v1/datasets/cine-demo-sample/1/{listing}").content.decode()

    assert not {"unit", "group"} & set(json.loads(text)[0])


def test_listing_files_takes_the_same_few_queries_however_many_there_are(
    sample_dataset: Dataset, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        Client().get("/api/v1/datasets/cine-demo-sample/1/files")
    with django_assert_num_queries(3):  # type: ignore[operator]
        Client().get("/api/v1/datasets/cine-demo-sample/1/cases")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Not A Slug", "version": 1},
        {"name": "cine", "version": 0},
        {"name": "cine", "version": 1, "key": "0" * 64},
        {"name": "cine"},
        [],
        "not json",
    ],
)
def test_a_request_in_another_form_says_what_is_wrong(tokens: Tokens, body: object) -> None:
    answer = client_with(tokens.organiser).post("/api/v1/datasets", body, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert answer.json()["error"] == "INVALID"
    assert set(answer.json()) == {"error", "message", "next", "help"}


@pytest.mark.parametrize("address", ["cine", "cine@2", "other@1", "cine@99999999999999999999", "cine@1@2", ""])
def test_a_file_goes_into_a_dataset_that_exists(tokens: Tokens, address: str) -> None:
    client = client_with(tokens.organiser)
    client.post("/api/v1/datasets", {"name": "cine", "version": 1}, content_type="application/json")

    answer = client.put(f"/api/v1/blobs/{sha256(b'x')}?dataset={address}", b"x", content_type=OCTETS)
    assert (answer.status_code, answer.json()["error"]) == (404, "DATASET_UNKNOWN")


@pytest.fixture
def wire(live_server: LiveServer) -> Iterator[http.client.HTTPConnection]:
    """A plain connection to a real server, to send what a client library would not."""
    connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=20)
    yield connection
    connection.close()


def _send(wire: http.client.HTTPConnection, *, token: str, path: str, headers: dict[str, str], body: bytes) -> None:
    wire.putrequest("PUT", path)
    for name, value in {"Authorization": f"Bearer {token}", **headers}.items():
        wire.putheader(name, value)
    wire.endheaders()
    wire.send(body)


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_breaks_off_on_the_wire_leaves_nothing_and_may_be_repeated(
    wire: http.client.HTTPConnection, organiser: User, settings: object
) -> None:
    content = b"k-space" * 1000
    path = f"/api/v1/blobs/{sha256(content)}?dataset=cine@1"
    token = token_of(organiser, Scope.ORGANISER)
    services.open_draft(actor=organiser, name="cine", version=1, now=NOW)

    _send(wire, token=token, path=path, headers={"Content-Length": str(len(content))}, body=content[:100])
    wire.sock.shutdown(1)  # the client is gone, nothing more comes
    answer = wire.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]) == (400, "UPLOAD_BROKEN")
    assert not Blob.objects.exists()

    wire.close()
    _send(wire, token=token, path=path, headers={"Content-Length": str(len(content))}, body=content)
    assert wire.getresponse().status == 204
    assert store.blob_path(sha256(content)).read_bytes() == content


@pytest.mark.django_db(transaction=True)
def test_a_server_that_reads_no_chunked_bodies_says_so(wire: http.client.HTTPConnection, organiser: User) -> None:
    services.open_draft(actor=organiser, name="cine", version=1, now=NOW)
    token = token_of(organiser, Scope.ORGANISER)

    path = f"/api/v1/blobs/{sha256(b'x')}?dataset=cine@1"
    _send(wire, token=token, path=path, headers={"Transfer-Encoding": "chunked"}, body=b"1\r\nx\r\n0\r\n\r\n")
    answer = wire.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]) == (411, "LENGTH_NEEDED")
