"""Takes whole archives apart that an earlier release kept as IMAGE_ROOT/<config digest>.tar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from assay.images.archive import Rejected, inspect_archive
from assay.images.composed import compose
from assay.images.store import Staging

READY = "ready"


def split_archives(*, images: Any, layers: Any) -> int:
    """Keep the layers of every stored archive once and remove it; how many there were. May be broken off and run again.

    images, layers: the models as they are at this point of the migrations. An archive that is damaged is removed, and its
    images are asked for again when a team announces them.
    """
    ready = images.objects.filter(state=READY)
    named = ready.order_by("config_digest").values_list("config_digest", flat=True).distinct()
    archives = [path for digest in named if (path := Path(settings.IMAGE_ROOT) / f"{digest}.tar").is_file()]
    for path in archives:
        _split(path, images=ready.filter(config_digest=path.stem), layers=layers)
    return len(archives)


def _split(path: Path, *, images: Any, layers: Any) -> None:
    try:
        with Staging() as staging:
            found = inspect_archive(
                path, config_digest=path.stem, max_unpacked=settings.ARCHIVE_MAX_BYTES, take=staging.take
            )
            staging.take(path.stem, [found.config])
            staging.settle()
    except Rejected:
        path.unlink()
        return
    with transaction.atomic():
        rows = [
            layers.objects.get_or_create(diff_id=diff_id, defaults={"size": size})[0]
            for diff_id, size in found.layers.items()
        ]
        for image in images:
            image.layers.set(rows)
        images.update(archive_bytes=compose(path.stem).size)
    # the rows are written: the archive is no longer the only copy
    path.unlink()
