"""A base image that who runs the site gives out: teams build on it without sending its layers."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from assay.datasets.uploads import receive
from assay.images.archive import Inspected, Rejected, inspect_archive
from assay.images.errors import ArchiveRejected
from assay.images.layers import give_out
from assay.images.store import Staging, incoming


def give_out_base(chunks: Iterable[bytes]) -> Inspected:
    """Check a `docker save` archive, keep its layers and make them public.

    From then on anybody may build an image on a layer of it by naming the layer's digest, and so read all that it holds: give
    out nothing that has a secret. Raises ArchiveRejected, TooLarge, StorageFull; then nothing was kept.
    """
    most = settings.ARCHIVE_MAX_BYTES
    with receive(chunks=chunks, folder=incoming(), max_bytes=most) as received, Staging() as staging:
        try:
            found = inspect_archive(received.path, config_digest=None, max_unpacked=most, take=staging.take)
        except Rejected as verdict:
            raise ArchiveRejected(verdict.note) from verdict
        staging.settle()
    give_out(found.layers)
    return found
