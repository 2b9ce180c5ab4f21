"""Reads of images."""

from __future__ import annotations

from assay.accounts.models import Team, User
from assay.images.errors import ImageUnknown
from assay.images.models import Image


def image_for(*, user: User, pk: int) -> Image:
    """An image of one of this person's teams. Raises ImageUnknown, also for another team's."""
    found = Image.objects.select_related("team").filter(pk=pk, team__members=user).first()
    if found is None:
        raise ImageUnknown
    return found


def image_of(*, team: Team, config_digest: str) -> Image | None:
    """The team's image of this digest, in whatever state."""
    return Image.objects.filter(team=team, config_digest=config_digest).first()
