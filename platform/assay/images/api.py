"""POST /images: may we send this one? The archive itself: raw.py."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router

from assay.accounts.auth import SignedRequest, TokenAuth
from assay.accounts.models import Scope
from assay.accounts.selectors import team_for
from assay.images import services
from assay.images.layers import there_for
from assay.images.models import Image
from evaluators.contract.api import ImageIn, ImageOut
from evaluators.contract.jobs import Refusal

router = Router(tags=["images"])


@router.post(
    "/images",
    response={200: ImageOut, 401: Refusal, 403: Refusal, 413: Refusal, 422: Refusal},
    auth=TokenAuth(Scope.TEAM),
    summary="Announce an image",
)
def offer(request: HttpRequest, data: ImageIn) -> ImageOut:
    """`needed`: PUT the `docker save` archive to `upload`. `ready`: your team sent it before, nothing is to be sent.

    With `layers` the answer says which of them are `wanted`: those that your team has not sent in an image before. The bodies of
    the others may be left out of the archive; its manifest names them all the same.
    """
    actor = cast("SignedRequest", request).auth.user
    team = team_for(user=actor, slug=data.team)
    image = services.offer_image(
        actor=actor,
        team=team,
        config_digest=data.config_digest,
        archive_bytes=data.archive_bytes,
        now=timezone.now(),
    )
    told = image_out(image)
    if data.layers:
        there = there_for(team=team, diff_ids=data.layers)
        told.wanted = [diff_id for diff_id in dict.fromkeys(data.layers) if diff_id not in there]
        told.there_bytes = sum(there.values())
    return told


def image_out(image: Image) -> ImageOut:
    """An image as both addresses answer it."""
    return ImageOut(
        id=image.pk,
        config_digest=image.config_digest,
        state=image.state,
        upload=reverse("api:image-archive", args=[image.pk]),
        max_bytes=settings.ARCHIVE_MAX_BYTES,
    )
