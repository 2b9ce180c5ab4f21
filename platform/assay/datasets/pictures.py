"""Pictures and volumes of public cases: the only writer of them. Nothing is drawn here, and only headers are looked at."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime

from django.db import transaction

from assay.accounts.models import User
from assay.audit.services import record
from assay.datasets import store
from assay.datasets.errors import BadPicture, HiddenData, NotYourDataset
from assay.datasets.models import Case, Dataset, DatasetState, Picture, Volume
from evaluators.contract.pictures import PictureIn, TopologyIn
from evaluators.contract.volumes import VolumeIn, volume_shape

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: what a browser must unfold of a file that may be small: pixels, and bits of a colour of a pixel
_MOST_PIXELS, _MOST_BITS = 2**24, 8


def put_picture(*, actor: User, dataset: Dataset, picture: PictureIn, now: datetime) -> Picture:
    """Keep a picture of a sealed public version's case, in place of an earlier one of the same.

    Raises NotYourDataset, HiddenData (also for a draft: nobody knows yet what it will be), BadPicture.
    """
    case = _case_of(picture, actor=actor, dataset=dataset)
    last = picture.slice_number + (picture.frames - 1) * picture.slice_step
    if last > picture.slices:
        raise BadPicture(f"There is no slice {last} of {picture.slices}.")
    if picture.topology is not None and not _is_plain(picture.topology):
        raise BadPicture("The name of a class holds a control character.")
    _check_png(picture)
    digest = hashlib.sha256(picture.png).hexdigest()
    store.write_blob(chunks=[picture.png], sha256=digest)
    fields = picture.model_dump(
        mode="json",
        include={"frames", "columns", "width", "height", "slice_number", "slice_step", "slices", "sides", "topology"},
    )
    with transaction.atomic():
        kept, _ = Picture.objects.update_or_create(
            case=case,
            kind=picture.kind,
            method=picture.method,
            label=picture.label,
            defaults={**fields, "sha256": digest, "stored_at": now},
        )
        record(tag="organiser:dataset:picture", target=dataset, actor=actor, at=now, detail={"case": picture.case})
    return kept


def put_volume(*, actor: User, dataset: Dataset, volume: VolumeIn, now: datetime) -> Volume:
    """Keep a volume of a sealed public version's case, gzipped, in place of an earlier one of the same.

    Raises NotYourDataset, HiddenData, BadPicture (also for another grid than the case's).
    """
    case = _case_of(volume, actor=actor, dataset=dataset)
    try:
        shape = volume_shape(volume.nii)
    except ValueError as error:
        raise BadPicture(f"The volume is of another form: {error}.") from None
    if list(shape) != [-(-size // volume.step) for size in case.shape]:
        raise BadPicture(f"The volume is {shape}, the case {tuple(case.shape)}, one voxel in {volume.step}.")
    stored = gzip.compress(volume.nii, compresslevel=6, mtime=0)
    digest = hashlib.sha256(stored).hexdigest()
    size = store.write_blob(chunks=[stored], sha256=digest)
    with transaction.atomic():
        kept, _ = Volume.objects.update_or_create(
            case=case,
            kind=volume.kind,
            method=volume.method,
            defaults={"step": volume.step, "sha256": digest, "size": size, "stored_at": now},
        )
        record(tag="organiser:dataset:volume", target=dataset, actor=actor, at=now, detail={"case": volume.case})
    return kept


def _case_of(sent: PictureIn | VolumeIn, *, actor: User, dataset: Dataset) -> Case:
    """The case that it is of. Raises NotYourDataset, HiddenData, BadPicture."""
    if dataset.owner_id != actor.pk:
        raise NotYourDataset
    if dataset.state != DatasetState.SEALED or not dataset.is_public:
        raise HiddenData
    # a database may take no NUL, and a page shows the name to everybody
    if not sent.method.isprintable():
        raise BadPicture("The method's name holds a control character.")
    case = dataset.cases.filter(label=sent.case).first() if sent.case.isprintable() else None
    if case is None:
        raise BadPicture(f"{dataset} has no case {sent.case!r}.")
    return case


def _is_plain(topology: TopologyIn) -> bool:
    names = [*(one.judged for one in topology.counts), *(one.judged for one in topology.faults)]
    return all(name.isprintable() for name in names)


def _check_png(picture: PictureIn) -> None:
    """Signature and size: what else is wrong a browser shows as a broken picture."""
    head = picture.png[:25]
    if len(head) < 25 or head[:8] != _SIGNATURE or head[12:16] != b"IHDR":
        raise BadPicture("The picture is no PNG.")
    if (bits := head[24]) > _MOST_BITS:
        raise BadPicture(f"The PNG has {bits} bits a colour; write at most {_MOST_BITS}.")
    width, height = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    rows = -(-picture.frames // picture.columns)
    if (width, height) != (picture.columns * picture.width, rows * picture.height):
        raise BadPicture(f"The PNG is {width} x {height} pixels, which its frames do not fill.")
    if width * height > _MOST_PIXELS:
        raise BadPicture(f"The PNG is {width} x {height} pixels; write at most {_MOST_PIXELS} in all.")
