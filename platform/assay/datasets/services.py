"""What an organiser does with a dataset: open a draft, send its files, seal it. The only writers of datasets and blobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from assay.accounts.models import User
from assay.audit.services import record
from assay.config.errors import Invalid
from assay.datasets import keys, store
from assay.datasets.errors import BadManifest, BlobsMissing, DatasetSealed, NotYourDataset
from assay.datasets.models import Blob, Case, CaseFile, Dataset, DatasetState, FileRole
from assay.datasets.selectors import is_digest
from evaluators.contract.datasets import CaseManifest, DatasetManifest, FileRef
from evaluators.contract.sealing import new_key

_BATCH = 500
#: far above any use, and below what a database calls an integer
MOST_VERSIONS = 1_000_000


@transaction.atomic
def open_draft(*, actor: User, name: str, version: int, now: datetime) -> Dataset:
    """The draft of name@version with a key of its own; the same one every time until it is sealed.

    The first version's owner owns the name. Raises DatasetSealed (naming the next free version), NotYourDataset.
    """
    if not 1 <= version <= MOST_VERSIONS:
        raise Invalid(f"Versions are counted from 1 to {MOST_VERSIONS}.", next="Take the next free number.")
    owner = Dataset.objects.filter(name=name).order_by("version").values_list("owner_id", flat=True).first()
    if owner is not None and owner != actor.pk:
        raise NotYourDataset
    draft = Dataset.objects.filter(name=name, version=version).first()
    if draft is None:
        key = keys.wrap_key(new_key(), address=f"{name}@{version}")
        try:
            with transaction.atomic():
                draft = Dataset.objects.create(name=name, version=version, owner=actor, wrapped_key=key, created_at=now)
        except IntegrityError:  # the same draft was opened a moment ago
            return open_draft(actor=actor, name=name, version=version, now=now)
        record(tag="organiser:dataset:open", target=draft, actor=actor, at=now)
    if draft.state == DatasetState.SEALED:
        raise _sealed(draft)
    return draft


def store_blob(*, actor: User, dataset: Dataset, sha256: str, chunks: Iterable[bytes], now: datetime) -> Blob:
    """Take one file of a draft in. The same file twice, also at once, is fine.

    Raises NotYourDataset, DatasetSealed, HashMismatch, TooLarge, UploadBroken: then nothing is kept.
    """
    _check_draft(dataset, actor=actor)
    if not is_digest(sha256):
        raise Invalid("A blob is named by its SHA-256: 64 small hex digits.")
    size = store.write_blob(chunks=chunks, sha256=sha256)
    with transaction.atomic():
        blob, _ = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size, "stored_at": now})
        blob.holders.add(actor)
    return blob


@transaction.atomic
def seal(*, actor: User, dataset: Dataset, manifest: DatasetManifest, now: datetime) -> Dataset:
    """Close a draft with its manifest; from here on it never changes. Sealing again with the same manifest is fine.

    Raises NotYourDataset, DatasetSealed, BlobsMissing, BadManifest (a size differs, strata are not the same everywhere).
    """
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    if dataset.owner_id != actor.pk:
        raise NotYourDataset
    digest = manifest_digest(manifest)
    if dataset.state == DatasetState.SEALED:
        if dataset.sha256 == digest:
            return dataset
        raise _sealed(dataset)
    _check_words(manifest)
    _check_strata(manifest)
    _check_blobs(manifest, owner=actor)
    cases = Case.objects.bulk_create(
        (_case(dataset, index, case) for index, case in enumerate(manifest.cases)), batch_size=_BATCH
    )
    CaseFile.objects.bulk_create(
        (file for row, case in zip(cases, manifest.cases, strict=True) for file in _files(row, case)),
        batch_size=_BATCH,
    )
    dataset.state = DatasetState.SEALED
    dataset.layout = manifest.layout
    dataset.is_public = manifest.visibility == "public"
    dataset.sha256 = digest
    dataset.sealed_at = now
    dataset.save()
    record(
        tag="organiser:dataset:seal", target=dataset, actor=actor, at=now,
        detail={"sha256": digest, "cases": len(cases), "visibility": manifest.visibility},
    )  # fmt: skip
    return dataset


def draft_key(*, actor: User, dataset: Dataset) -> str | None:
    """The key that seals references on the organiser's machine: told to the owner of a draft, to nobody else."""
    if dataset.owner_id != actor.pk or dataset.state != DatasetState.DRAFT:
        return None
    return keys.unwrap_key(dataset.wrapped_key, address=str(dataset))


def reference_key(*, dataset: Dataset) -> str | None:
    """The key that opens the references, for a worker's job alone; None where they lie open. Raises KeyBroken."""
    return None if dataset.is_public else keys.unwrap_key(dataset.wrapped_key, address=str(dataset))


def manifest_digest(manifest: DatasetManifest) -> str:
    """SHA-256 over the manifest's canonical JSON: keys sorted, no blanks, UTF-8."""
    return hashlib.sha256(_canonical(manifest).encode()).hexdigest()


def _canonical(manifest: DatasetManifest) -> str:
    return json.dumps(manifest.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _check_draft(dataset: Dataset, *, actor: User) -> None:
    if dataset.owner_id != actor.pk:
        raise NotYourDataset
    if dataset.state == DatasetState.SEALED:
        raise _sealed(dataset)


def _sealed(dataset: Dataset) -> DatasetSealed:
    last = Dataset.objects.filter(name=dataset.name).aggregate(last=Max("version"))["last"]
    return DatasetSealed(name=dataset.name, version=dataset.version, free=last + 1)


def _check_words(manifest: DatasetManifest) -> None:
    if "\\u0000" in _canonical(manifest):
        raise BadManifest("A text of the manifest holds a NUL character.", next="Write plain text.")


def _check_strata(manifest: DatasetManifest) -> None:
    keys_of = {case.label: set(case.strata) for case in manifest.cases}
    first_label, first = next(iter(keys_of.items()))
    for label, strata in keys_of.items():
        if strata != first:
            raise BadManifest(
                f"{label} has the strata {_words(strata)}, {first_label} has {_words(first)}.",
                next="Give every case a value for every stratum.",
            )


def _check_blobs(manifest: DatasetManifest, *, owner: User) -> None:
    files = [file for case in manifest.cases for file in (*case.inputs, *case.references)]
    wanted = sorted({file.sha256 for file in files})
    sizes: dict[str, int] = {}
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        sizes.update(Blob.objects.filter(sha256__in=part, holders=owner).values_list("sha256", "size"))
    here = {sha256 for sha256 in sizes if store.blob_path(sha256).is_file()}
    if missing := [sha256 for sha256 in wanted if sha256 not in here]:
        raise BlobsMissing(missing=len(missing), first=missing[0])
    for file in files:
        if file.size != sizes[file.sha256]:
            raise BadManifest(
                f"{file.path} has {sizes[file.sha256]} bytes here, {file.size} in the manifest.",
                next="Write the manifest from the files that were uploaded.",
            )


def _case(dataset: Dataset, index: int, case: CaseManifest) -> Case:
    return Case(
        dataset=dataset,
        index=index,
        label=case.label,
        unit=case.unit,
        group=case.group,
        strata=case.strata,
        shape=list(case.shape),
        affine=case.affine,
        given_as=case.given_as or "",
    )


def _files(row: Case, case: CaseManifest) -> Iterator[CaseFile]:
    for role, files in ((FileRole.INPUT, case.inputs), (FileRole.REFERENCE, case.references)):
        for position, file in enumerate(files):
            yield _file(row, role, position, file)


def _file(row: Case, role: FileRole, position: int, file: FileRef) -> CaseFile:
    return CaseFile(case=row, role=role, position=position, path=file.path, sha256=file.sha256, size=file.size)


def _words(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
