"""POST /predictions: may we send this archive of result files? The archive itself: raw.py."""

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
from assay.predictions import services
from assay.predictions.models import Predictions
from evaluators.contract.api import PredictionsIn, PredictionsOut
from evaluators.contract.jobs import Refusal

router = Router(tags=["predictions"])


@router.post(
    "/predictions",
    response={200: PredictionsOut, 401: Refusal, 403: Refusal, 413: Refusal, 422: Refusal},
    auth=TokenAuth(Scope.TEAM),
    summary="Announce an archive of result files",
)
def offer(request: HttpRequest, data: PredictionsIn) -> PredictionsOut:
    """`needed`: PUT the ZIP to `upload`. `ready`: your team sent it before, nothing is to be sent."""
    actor = cast("SignedRequest", request).auth.user
    predictions = services.offer_predictions(
        actor=actor,
        team=team_for(user=actor, slug=data.team),
        sha256=data.sha256,
        archive_bytes=data.archive_bytes,
        now=timezone.now(),
    )
    return predictions_out(predictions)


def predictions_out(predictions: Predictions) -> PredictionsOut:
    """An archive as both addresses answer it."""
    return PredictionsOut(
        id=predictions.pk,
        sha256=predictions.sha256,
        state="ready" if services.is_ready(predictions) else "needed",
        upload=reverse("api:predictions-archive", args=[predictions.pk]),
        max_bytes=settings.ARCHIVE_MAX_BYTES,
    )
