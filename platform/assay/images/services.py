"""What a team does with an image: announce it, send it. The only writers of images.

A team that names a digest gets nothing by it: every team sends a layer itself once, although it is kept once for all.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Team, User
from assay.accounts.selectors import is_member
from assay.audit.services import record
from assay.datasets.errors import TooLarge
from assay.datasets.uploads import receive
from assay.images.archive import Inspected, Rejected, inspect_archive
from assay.images.composed import compose, is_whole
from assay.images.errors import ArchiveRejected, ArchiveTooLarge
from assay.images.layers import refer, there_for
from assay.images.models import Image, ImageState
from assay.images.store import Staging, incoming
from evaluators.contract.failures import FailureNote


@transaction.atomic
def offer_image(*, actor: User, team: Team, config_digest: str, archive_bytes: int, now: datetime) -> Image:
    """Announce an image. `needed`: send its archive; `ready`: this team sent it before and nothing is to be sent.

    A rejected image may be sent again. Raises NotYourTeam, ArchiveTooLarge.
    """
    _check_member(actor=actor, team=team)
    if archive_bytes > settings.ARCHIVE_MAX_BYTES:
        raise _too_large()
    image, created = Image.objects.get_or_create(team=team, config_digest=config_digest, defaults={"created_at": now})
    if created:
        record(tag="team:image:offer", target=image, actor=actor, at=now, detail={"team": team.slug})
    lost = image.state == ImageState.READY and not is_whole(config_digest)
    if lost or image.state == ImageState.REJECTED:
        image.state, image.failure, image.ready_at = ImageState.NEEDED, None, None
        image.save(update_fields=["state", "failure", "ready_at"])
    return image


def receive_archive(*, actor: User, image: Image, chunks: Iterable[bytes], now: datetime) -> Image:
    """Take a `docker save` archive in, check it, keep its layers. An image that is ready stays so and nothing is read.

    The bodies of layers that are there for the team may be left out. Raises NotYourTeam; ArchiveTooLarge, UploadBroken,
    StorageFull (nothing is left, it may be sent again); ArchiveRejected (the image is marked as rejected, nothing of the
    archive is left).
    """
    _check_member(actor=actor, team=image.team)
    if image.state == ImageState.READY and is_whole(image.config_digest):
        return image
    started = time.monotonic()
    try:
        size, inspected = _keep(image=image, chunks=chunks)
    except TooLarge:
        raise _too_large() from None
    except Rejected as verdict:
        _reject(actor=actor, image=image, note=verdict.note, now=now)
        raise ArchiveRejected(verdict.note) from verdict
    with transaction.atomic():
        refer(image=image, layers=inspected.layers)
        image.state, image.failure, image.ready_at = ImageState.READY, None, now
        image.architecture = inspected.architecture
        image.archive_bytes, image.unpacked_bytes = compose(image.config_digest).size, inspected.unpacked_bytes
        image.save()
        seconds = round(time.monotonic() - started, 1)
        detail = {"bytes": size, "seconds": seconds, "team": image.team.slug}
        record(tag="team:image:receive", target=image, actor=actor, at=now, detail=detail)
    return image


def _keep(*, image: Image, chunks: Iterable[bytes]) -> tuple[int, Inspected]:
    """Bytes that came, and what they were. Layers and config lie at their places, or nothing does."""
    most = settings.ARCHIVE_MAX_BYTES
    with receive(chunks=chunks, folder=incoming(), max_bytes=most) as received, Staging() as staging:
        inspected = inspect_archive(
            received.path,
            config_digest=image.config_digest,
            max_unpacked=most,
            held=lambda diff_id: there_for(team=image.team, diff_ids=[diff_id]).get(diff_id),
            take=staging.take,
        )
        staging.take(image.config_digest, [inspected.config])
        staging.settle()
        return received.size, inspected


@transaction.atomic
def _reject(*, actor: User, image: Image, note: FailureNote, now: datetime) -> None:
    # another upload of the same image may have arrived well in the meantime
    if (
        Image.objects.filter(pk=image.pk)
        .exclude(state=ImageState.READY)
        .update(state=ImageState.REJECTED, failure=note.model_dump())
    ):
        record(tag="team:image:reject", target=image, actor=actor, at=now, detail=note.model_dump())
    image.refresh_from_db()


def _check_member(*, actor: User, team: Team) -> None:
    if not is_member(user=actor, team=team):
        raise NotYourTeam


def _too_large() -> ArchiveTooLarge:
    return ArchiveTooLarge(f"The archive is larger than {settings.ARCHIVE_MAX_BYTES} bytes, the most this site takes.")
