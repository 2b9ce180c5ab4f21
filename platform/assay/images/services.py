"""What a team does with an image: announce it, send it. The only writers of images.

A team that names a digest gets nothing by it: every team sends an image itself, and only then is the archive shared.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Team, User
from assay.accounts.selectors import is_member
from assay.audit.services import record
from assay.datasets.errors import TooLarge
from assay.datasets.uploads import receive, settle
from assay.images.archive import Rejected, inspect_archive
from assay.images.errors import ArchiveRejected, ArchiveTooLarge
from assay.images.models import Image, ImageState
from evaluators.contract.failures import FailureNote


def archive_path(config_digest: str) -> Path:
    """Where an image's archive lies; the same for one that is not there."""
    return Path(settings.IMAGE_ROOT) / f"{config_digest}.tar"


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
    lost = image.state == ImageState.READY and not archive_path(config_digest).is_file()
    if lost or image.state == ImageState.REJECTED:
        image.state, image.failure, image.ready_at = ImageState.NEEDED, None, None
        image.save(update_fields=["state", "failure", "ready_at"])
    return image


def receive_archive(*, actor: User, image: Image, chunks: Iterable[bytes], now: datetime) -> Image:
    """Take a `docker save` archive in, check it, keep it. An image that is ready stays so and nothing is read.

    Raises NotYourTeam; ArchiveTooLarge, UploadBroken (nothing is left, it may be sent again); ArchiveRejected (the image
    is marked as rejected, nothing of the archive is left).
    """
    _check_member(actor=actor, team=image.team)
    if image.state == ImageState.READY and archive_path(image.config_digest).is_file():
        return image
    started = time.monotonic()
    folder = Path(settings.IMAGE_ROOT) / "incoming"
    try:
        with receive(chunks=chunks, folder=folder, max_bytes=settings.ARCHIVE_MAX_BYTES) as received:
            inspected = inspect_archive(
                received.path, config_digest=image.config_digest, max_unpacked=settings.ARCHIVE_MAX_BYTES
            )
            # the first good archive of an image stays: a later one may say the same to us and something else to the engine
            if not archive_path(image.config_digest).is_file():
                settle(received, at=archive_path(image.config_digest))
    except TooLarge:
        raise _too_large() from None
    except Rejected as verdict:
        _reject(actor=actor, image=image, note=verdict.note, now=now)
        raise ArchiveRejected(verdict.note) from verdict
    with transaction.atomic():
        image.state, image.failure, image.ready_at = ImageState.READY, None, now
        image.architecture = inspected.architecture
        image.archive_bytes, image.unpacked_bytes = received.size, inspected.unpacked_bytes
        image.save()
        seconds = round(time.monotonic() - started, 1)
        detail = {"bytes": received.size, "seconds": seconds, "team": image.team.slug}
        record(tag="team:image:receive", target=image, actor=actor, at=now, detail=detail)
    return image


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
