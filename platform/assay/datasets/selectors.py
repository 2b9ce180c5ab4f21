"""Reads of datasets. Who may see what is decided here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay.accounts.models import User
from assay.datasets.errors import DatasetUnknown
from assay.datasets.models import Blob, Case, CaseFile, Dataset, DatasetState, FileRole, Picture, Volume
from evaluators.contract.api import SLUG
from evaluators.contract.datasets import NAME, SHA256, FileRef
from evaluators.contract.pseudonyms import draw_pseudonyms


@dataclass(frozen=True, kw_only=True)
class PublicFile:
    """One file of a public sample, with the name that a container would see filled in."""

    case: str
    role: FileRole
    path: str
    sha256: str
    size: int


def dataset_at(*, name: str, version: int) -> Dataset:
    """The version, whoever asks. Raises DatasetUnknown."""
    found = Dataset.objects.select_related("owner").filter(name=name, version=version).first()
    if found is None:
        raise DatasetUnknown(f"There is no dataset {name}@{version}.")
    return found


def visible_dataset(*, name: str, version: int, viewer: User | None, organiser: bool) -> Dataset:
    """What this person may know of: sealed public versions, sealed ones for organisers, drafts for their owner.

    organiser: whether the viewer came with an organiser's token. Raises DatasetUnknown, the same for hidden and absent.
    """
    found = dataset_at(name=name, version=version)
    sealed = found.state == DatasetState.SEALED
    owner = viewer is not None and viewer.pk == found.owner_id
    if owner or (sealed and (found.is_public or organiser)):
        return found
    raise DatasetUnknown(f"There is no dataset {name}@{version}.")


def own_dataset(*, address: str, owner: User) -> Dataset:
    """The dataset `name@version` of this owner. Raises DatasetUnknown, also for another's."""
    name, _, version = address.partition("@")
    if re.fullmatch(SLUG, name) and version.isdecimal() and len(version) < 10:
        found = Dataset.objects.filter(name=name, version=int(version), owner=owner).first()
        if found is not None:
            return found
    raise DatasetUnknown


def holds_blob(*, holder: User, sha256: str) -> bool:
    """Whether this person sent these bytes before."""
    return is_digest(sha256) and Blob.objects.filter(sha256=sha256, holders=holder).exists()


def public_dataset(*, name: str, version: int) -> Dataset:
    """A sealed version that anybody may download. Raises DatasetUnknown for everything else."""
    found = Dataset.objects.filter(name=name, version=version, state=DatasetState.SEALED, is_public=True).first()
    if found is None:
        raise DatasetUnknown
    return found


def public_files(dataset: Dataset) -> Iterator[PublicFile]:
    """Every file of a public dataset in order, inputs before references. Names are drawn once per version."""
    files = list(
        CaseFile.objects.filter(case__dataset=dataset)
        .select_related("case")
        .order_by("case__index", "role", "position")
    )
    names = known_names(dataset, cases=[file.case for file in files])
    for file in files:
        yield PublicFile(
            case=file.case.label,
            role=FileRole(file.role),
            path=file.path.replace(NAME, names[file.case.index]),
            sha256=file.sha256,
            size=file.size,
        )


def named_cases(dataset: Dataset) -> list[tuple[Case, str]]:
    """Every case with its files, and the name that teams know it by; empty for a version whose inputs nobody holds."""
    cases = list(dataset.cases.order_by("index").prefetch_related("files"))
    names = known_names(dataset, cases=cases)
    return [(case, names[case.index]) for case in cases if names]


def file_refs(case: Case, *, role: FileRole, name: str) -> tuple[FileRef, ...]:
    """The files of a case in their order. name: what stands for the pseudonym in their paths."""
    files = sorted((file for file in case.files.all() if file.role == role), key=lambda file: file.position)
    return tuple(FileRef(path=file.path.replace(NAME, name), sha256=file.sha256, size=file.size) for file in files)


def known_names(dataset: Dataset, *, cases: Sequence[Case]) -> dict[int, str]:
    """Case index -> the name in the inputs that teams hold: as the organiser gave them out, or drawn once for a public version.

    Empty for a version whose inputs nobody holds.
    """
    if cases and all(case.given_as for case in cases):
        return {case.index: case.given_as for case in cases}
    if not dataset.is_public:
        return {}
    drawn = draw_pseudonyms(groups=(case.group for case in cases), seed=dataset.sha256)
    return {case.index: drawn[case.group] for case in cases}


def first_inputs(dataset: Dataset) -> list[str]:
    """Every case's first input as teams hold it, in the order of cases; empty for a version whose inputs nobody holds."""
    files = CaseFile.objects.filter(case__dataset=dataset, role=FileRole.INPUT, position=0)
    firsts = list(files.select_related("case").order_by("case__index"))
    names = known_names(dataset, cases=[file.case for file in firsts])
    return [file.path.replace(NAME, names[file.case.index]) for file in firsts if names]


def is_public_blob(*, dataset: Dataset, sha256: str) -> bool:
    """Whether this blob is a file of this (public) dataset."""
    return is_digest(sha256) and CaseFile.objects.filter(case__dataset=dataset, sha256=sha256).exists()


def is_picture(*, dataset: Dataset, sha256: str) -> bool:
    """Whether this blob is a picture of this (public) dataset."""
    return is_digest(sha256) and Picture.objects.filter(case__dataset=dataset, sha256=sha256).exists()


def pictures_of(dataset: Dataset) -> list[Picture]:
    """Every picture of a public version with its case, in the order of cases; none of a hidden one."""
    if not dataset.is_public:
        return []
    found = Picture.objects.filter(case__dataset=dataset).select_related("case__dataset")
    return list(found.order_by("case__index", "method", "kind", "label"))


def is_volume(*, dataset: Dataset, sha256: str) -> bool:
    """Whether this blob is a volume of this (public) dataset."""
    return is_digest(sha256) and Volume.objects.filter(case__dataset=dataset, sha256=sha256).exists()


def volumes_of(case: Case) -> list[Volume]:
    """Every volume of a case of a public version; none of a hidden one."""
    return list(Volume.objects.filter(case=case)) if case.dataset.is_public else []


def is_digest(text: str) -> bool:
    """Whether this can name a blob at all; anything else reaches neither database nor disk."""
    return re.fullmatch(SHA256, text) is not None
