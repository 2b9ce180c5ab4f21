"""Reads of archives of result files."""

from __future__ import annotations

from assay.accounts.models import Team, User
from assay.predictions.errors import PredictionsUnknown
from assay.predictions.models import Predictions


def predictions_for(*, user: User, pk: int) -> Predictions:
    """An archive of one of this person's teams. Raises PredictionsUnknown, also for another team's."""
    found = Predictions.objects.select_related("team").filter(pk=pk, team__members=user).first()
    if found is None:
        raise PredictionsUnknown
    return found


def ready_predictions(*, team: Team, sha256: str) -> Predictions | None:
    """The team's archive of this hash, if it has arrived."""
    return Predictions.objects.filter(team=team, sha256=sha256, ready_at__isnull=False).first()
