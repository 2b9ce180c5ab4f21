"""Drafts, files and seals as an organiser meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection
from pytest_django import Settings

from assay.accounts.models import User
from assay.audit.models import Entry
from assay.config.errors import Invalid
from assay.datasets import services, store
from assay.datasets.errors import (
    BadManifest,
    BlobsMissing,
    DatasetSealed,
    HashMismatch,
    NotYourDataset,
    TooLarge,
    UploadBroken,
)
from assay.datasets.models import Blob, Case, CaseFile, Dataset, DatasetState, FileRole
from tests.unit.assay.conftest import NOW
from tests.unit.assay.samples import dataset_manifest, sha256, upload_dataset


def _files(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.BLOB_ROOT).rglob("*") if path.is_file()]


@pytest.fixture
def draft(organiser: User) -> Dataset:
    """cine@1 without files."""
    return services.open_draft(actor=organiser, name="cine", version=1, now=NOW)


@pytest.fixture
def rival(db: None) -> User:
    """Another organiser."""
    return User.objects.create_user(username="rival", email="rival@example.org", is_staff=True)


def test_the_same_draft_is_given_back_with_the_same_key(draft: Dataset, organiser: User) -> None:
    again = services.open_draft(actor=organiser, name="cine", version=1, now=NOW)

    key = services.draft_key(actor=organiser, dataset=again)
    assert again == draft
    assert key is not None
    assert len(key) == 64
    assert key == services.draft_key(actor=organiser, dataset=draft)
    assert key not in draft.wrapped_key


def test_every_draft_has_a_key_of_its_own(draft: Dataset, organiser: User) -> None:
    other = services.open_draft(actor=organiser, name="cine", version=2, now=NOW)

    assert services.draft_key(actor=organiser, dataset=other) != services.draft_key(actor=organiser, dataset=draft)


def test_another_organiser_gets_neither_the_draft_nor_a_version_of_its_name(
    draft: Dataset, organiser: User, rival: User
) -> None:
    with pytest.raises(NotYourDataset):
        services.open_draft(actor=rival, name="cine", version=1, now=NOW)
    with pytest.raises(NotYourDataset):
        services.open_draft(actor=rival, name="cine", version=2, now=NOW)
    with pytest.raises(NotYourDataset):
        services.store_blob(actor=rival, dataset=draft, sha256=sha256(b"x"), chunks=[b"x"], now=NOW)
    with pytest.raises(NotYourDataset):
        services.seal(actor=rival, dataset=draft, manifest=dataset_manifest()[0], now=NOW)
    assert services.draft_key(actor=rival, dataset=draft) is None


def test_a_file_lies_under_its_hash(draft: Dataset, organiser: User) -> None:
    digest = sha256(b"k-space")

    blob = services.store_blob(actor=organiser, dataset=draft, sha256=digest, chunks=[b"k-", b"space"], now=NOW)
    assert store.blob_path(digest).read_bytes() == b"k-space"
    assert store.blob_path(digest).parts[-2:] == (digest[:2], digest[2:])
    assert blob.size == 7


def test_a_file_with_another_hash_is_refused_and_nothing_is_kept(
    draft: Dataset, organiser: User, settings: Settings
) -> None:
    with pytest.raises(HashMismatch):
        services.store_blob(actor=organiser, dataset=draft, sha256=sha256(b"one"), chunks=[b"other"], now=NOW)

    assert _files(settings) == []
    assert not Blob.objects.exists()


def test_a_file_above_the_cap_is_refused_while_it_arrives(draft: Dataset, organiser: User, settings: Settings) -> None:
    settings.BLOB_MAX_BYTES = 10
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            sent.append(4)
            yield b"1234"

    with pytest.raises(TooLarge):
        services.store_blob(actor=organiser, dataset=draft, sha256=sha256(b""), chunks=endless(), now=NOW)
    assert sum(sent) == 12
    assert _files(settings) == []


def test_an_upload_that_breaks_off_leaves_nothing(draft: Dataset, organiser: User, settings: Settings) -> None:
    def broken() -> Iterator[bytes]:
        yield b"k-"
        raise UploadBroken

    with pytest.raises(UploadBroken):
        services.store_blob(actor=organiser, dataset=draft, sha256=sha256(b"k-space"), chunks=broken(), now=NOW)
    assert _files(settings) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_name_that_is_no_hash_never_reaches_the_disk(
    draft: Dataset, organiser: User, name: str, settings: Settings
) -> None:
    with pytest.raises(Invalid):
        services.store_blob(actor=organiser, dataset=draft, sha256=name, chunks=[b"x"], now=NOW)
    assert _files(settings) == []


@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_by_many_at_once_is_kept_once(draft: Dataset, organiser: User, settings: Settings) -> None:
    content = b"mask" * 100_000
    start = Barrier(4)
    failures: list[Exception] = []

    def send() -> None:
        try:
            start.wait()
            chunks = (content[place : place + 65_536] for place in range(0, len(content), 65_536))
            services.store_blob(actor=organiser, dataset=draft, sha256=sha256(content), chunks=chunks, now=NOW)
        except Exception as error:  # noqa: BLE001 -- told below, in the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [path.read_bytes() for path in _files(settings)] == [content]
    assert Blob.objects.get().holders.get() == organiser


def test_sealing_writes_cases_and_files_in_the_order_of_the_manifest(sealed_dataset: Dataset) -> None:
    manifest, _ = dataset_manifest(subjects=2)

    assert sealed_dataset.state == DatasetState.SEALED
    assert not sealed_dataset.is_public
    assert sealed_dataset.sha256 == services.manifest_digest(manifest)
    assert [case.label for case in sealed_dataset.cases.all()] == [case.label for case in manifest.cases]
    first = Case.objects.get(dataset=sealed_dataset, index=0)
    assert (first.unit, first.group, first.shape) == ("P001", "P001/AccFactor04", [96, 72, 2, 8])
    inputs = first.files.filter(role=FileRole.INPUT)
    assert [file.path for file in inputs] == [ref.path for ref in manifest.cases[0].inputs]


def test_a_datasets_hash_does_not_hang_on_the_order_of_keys() -> None:
    manifest, _ = dataset_manifest()
    case = manifest.cases[0]
    turned = case.model_copy(update={"strata": dict(reversed(case.strata.items()))})

    assert services.manifest_digest(manifest) == services.manifest_digest(
        manifest.model_copy(update={"cases": (turned, *manifest.cases[1:])})
    )


def test_sealing_again_with_the_same_manifest_changes_nothing(sealed_dataset: Dataset, organiser: User) -> None:
    entries = Entry.objects.count()

    again = services.seal(actor=organiser, dataset=sealed_dataset, manifest=dataset_manifest()[0], now=NOW)
    assert again.sha256 == sealed_dataset.sha256
    assert Entry.objects.count() == entries
    assert CaseFile.objects.count() == 36


def test_a_sealed_version_refuses_every_change_and_names_the_next_free_one(
    sealed_dataset: Dataset, organiser: User
) -> None:
    services.open_draft(actor=organiser, name="cine-demo-test", version=4, now=NOW)
    changed = dataset_manifest(subjects=1)[0]
    attempts = (
        lambda: services.open_draft(actor=organiser, name="cine-demo-test", version=1, now=NOW),
        lambda: services.seal(actor=organiser, dataset=sealed_dataset, manifest=changed, now=NOW),
        lambda: services.store_blob(
            actor=organiser, dataset=sealed_dataset, sha256=sha256(b"x"), chunks=[b"x"], now=NOW
        ),
    )

    for attempt in attempts:
        with pytest.raises(DatasetSealed) as refused:
            attempt()
        assert "cine-demo-test@5" in refused.value.next
        assert refused.value.status == 409
    assert sealed_dataset.cases.count() == 12


def test_the_key_of_a_sealed_dataset_is_told_to_nobody_but_a_job(
    sealed_dataset: Dataset, sample_dataset: Dataset, organiser: User
) -> None:
    assert services.draft_key(actor=organiser, dataset=sealed_dataset) is None
    assert services.reference_key(dataset=sealed_dataset) is not None
    assert services.reference_key(dataset=sample_dataset) is None


def test_a_manifest_whose_files_were_not_sent_is_refused_with_their_number(draft: Dataset, organiser: User) -> None:
    manifest, blobs = dataset_manifest()
    digest, content = next(iter(blobs.items()))
    services.store_blob(actor=organiser, dataset=draft, sha256=digest, chunks=[content], now=NOW)

    with pytest.raises(BlobsMissing, match="35 of the files"):
        services.seal(actor=organiser, dataset=draft, manifest=manifest, now=NOW)
    assert not Case.objects.exists()


def test_a_file_that_is_gone_from_the_disk_counts_as_missing(draft: Dataset, organiser: User) -> None:
    manifest, blobs = dataset_manifest()
    for digest, content in blobs.items():
        services.store_blob(actor=organiser, dataset=draft, sha256=digest, chunks=[content], now=NOW)
    store.blob_path(next(iter(blobs))).unlink()

    with pytest.raises(BlobsMissing, match="1 of the files"):
        services.seal(actor=organiser, dataset=draft, manifest=manifest, now=NOW)


def test_knowing_the_hash_of_anothers_hidden_file_does_not_publish_it(sealed_dataset: Dataset, rival: User) -> None:
    """Or anybody who saw a hash could put the file into a public dataset and download it."""
    stolen = dataset_manifest()[0].model_copy(update={"visibility": "public"})
    draft = services.open_draft(actor=rival, name="stolen", version=1, now=NOW)

    with pytest.raises(BlobsMissing, match="36 of the files"):
        services.seal(actor=rival, dataset=draft, manifest=stolen, now=NOW)


def test_a_size_that_differs_is_refused(draft: Dataset, organiser: User) -> None:
    manifest, blobs = dataset_manifest()
    for digest, content in blobs.items():
        services.store_blob(actor=organiser, dataset=draft, sha256=digest, chunks=[content], now=NOW)
    case = manifest.cases[0]
    wrong = case.model_copy(update={"references": (case.references[0].model_copy(update={"size": 1}),)})

    with pytest.raises(BadManifest, match=r"case-01.npy has \d+ bytes here, 1 in the manifest"):
        services.seal(
            actor=organiser, dataset=draft,
            manifest=manifest.model_copy(update={"cases": (wrong, *manifest.cases[1:])}), now=NOW,
        )  # fmt: skip


def test_a_case_without_a_value_for_a_stratum_is_refused(draft: Dataset, organiser: User) -> None:
    manifest, _ = dataset_manifest()
    case = manifest.cases[1].model_copy(update={"strata": {"af": "4"}})

    with pytest.raises(BadManifest, match="case 02 has the strata af, case 01 has af, anatomy, view"):
        services.seal(
            actor=organiser, dataset=draft,
            manifest=manifest.model_copy(update={"cases": (manifest.cases[0], case)}), now=NOW,
        )  # fmt: skip


def test_versions_share_files_that_did_not_change(sealed_dataset: Dataset, organiser: User, settings: Settings) -> None:
    before = len(_files(settings))
    upload_dataset(owner=organiser, name="cine-demo-test", version=2, subjects=2, public=False, now=NOW)

    assert len(_files(settings)) == before
