"""What lies on the disk, and the removal of what no image refers to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from assay.images.models import Image, Layer
from assay.images.store import part_path

#: a part this young may belong to an upload whose image is about to be written down
_YOUNG = 86_400


@dataclass(frozen=True, kw_only=True)
class Usage:
    """files, bytes: on the disk. references: of images to layers. archives: bytes that whole archives would take."""

    files: int
    bytes: int
    references: int
    archives: int


def usage() -> Usage:
    """How much is kept, and how much sharing saves."""
    sizes = [path.stat().st_size for _, path in _parts()]
    archives = dict(Image.objects.filter(layers__isnull=False).values_list("config_digest", "archive_bytes"))
    return Usage(
        files=len(sizes),
        bytes=sum(sizes),
        references=Image.layers.through.objects.count(),
        archives=sum(archives.values()),
    )


def sweep() -> tuple[int, int]:
    """Remove layers and configs that no image and no public base refers to, a day after they came. Files and bytes removed."""
    before = time.time() - _YOUNG
    removed = [size for digest, path in _parts() if path.stat().st_mtime < before and (size := _removed(digest))]
    return len(removed), sum(removed)


@transaction.atomic
def _removed(digest: str) -> int:
    """Bytes of the part that was removed; 0 where something refers to it."""
    # an announced image has its row long before its config comes
    if Image.objects.filter(config_digest=digest).exists():
        return 0
    # what a killed upload left has no row; with one, an upload that names the layer just now waits for us or we for it
    Layer.objects.bulk_create([Layer(diff_id=digest, size=0)], ignore_conflicts=True)
    row = Layer.objects.select_for_update().get(diff_id=digest)
    if row.public or row.images.exists():
        return 0
    path = part_path(digest)
    size = path.stat().st_size
    path.unlink()
    row.delete()
    return size


def _parts() -> Iterator[tuple[str, Path]]:
    for path in sorted(Path(settings.IMAGE_ROOT).glob("[0-9a-f][0-9a-f]/*")):
        yield path.parent.name + path.name, path
