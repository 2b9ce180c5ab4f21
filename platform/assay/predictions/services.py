"""What a team does with an archive of result files: announce it, send it. The only writers of them.

A team that names a hash gets nothing by it: every team sends an archive itself, and only then is the file shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Team, User
from assay.accounts.selectors import is_member
from assay.audit.services import record
from assay.datasets.errors import HashMismatch, TooLarge
from assay.datasets.uploads import receive, settle
from assay.predictions.errors import NotZip, PredictionsTooLarge
from assay.predictions.models import Predictions

#: a ZIP begins with its first file; an empty one is of no use here
_BEGINS = b"PK\x03\x04"


def predictions_path(sha256: str) -> Path:
    """Where an archive lies; the same for one that is not there."""
    return Path(settings.PREDICTION_ROOT) / sha256[:2] / f"{sha256}.zip"


def is_ready(predictions: Predictions) -> bool:
    """Whether nothing is to be sent any more."""
    return predictions.ready_at is not None and predictions_path(predictions.sha256).is_file()


@transaction.atomic
def offer_predictions(*, actor: User, team: Team, sha256: str, archive_bytes: int, now: datetime) -> Predictions:
    """Announce an archive. Without `ready_at`: send it. Raises NotYourTeam, PredictionsTooLarge."""
    _check_member(actor=actor, team=team)
    if archive_bytes > settings.ARCHIVE_MAX_BYTES:
        raise _too_large()
    found, created = Predictions.objects.get_or_create(team=team, sha256=sha256, defaults={"created_at": now})
    if created:
        record(tag="team:predictions:offer", target=found, actor=actor, at=now, detail={"team": team.slug})
    elif found.ready_at is not None and not is_ready(found):
        found.ready_at = None
        found.save(update_fields=["ready_at"])
    return found


def receive_predictions(
    *, actor: User, predictions: Predictions, chunks: Iterable[bytes], now: datetime
) -> Predictions:
    """Take an archive in under its hash. One that is there stays and nothing is read.

    Raises NotYourTeam, PredictionsTooLarge, UploadBroken, HashMismatch, NotZip; then nothing is left.
    """
    _check_member(actor=actor, team=predictions.team)
    if is_ready(predictions):
        return predictions
    folder = Path(settings.PREDICTION_ROOT) / "incoming"
    try:
        with receive(chunks=chunks, folder=folder, max_bytes=settings.ARCHIVE_MAX_BYTES) as received:
            if received.sha256 != predictions.sha256:
                raise HashMismatch
            with received.path.open("rb") as file:
                if file.read(len(_BEGINS)) != _BEGINS:
                    raise NotZip
            settle(received, at=predictions_path(predictions.sha256))
    except TooLarge:
        raise _too_large() from None
    with transaction.atomic():
        predictions.ready_at, predictions.archive_bytes = now, received.size
        predictions.save(update_fields=["ready_at", "archive_bytes"])
        detail = {"bytes": received.size, "team": predictions.team.slug}
        record(tag="team:predictions:receive", target=predictions, actor=actor, at=now, detail=detail)
    return predictions


def _check_member(*, actor: User, team: Team) -> None:
    if not is_member(user=actor, team=team):
        raise NotYourTeam


def _too_large() -> PredictionsTooLarge:
    return PredictionsTooLarge(
        f"The archive is larger than {settings.ARCHIVE_MAX_BYTES} bytes, the most this site takes."
    )
