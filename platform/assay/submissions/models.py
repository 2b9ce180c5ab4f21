"""An image, or result files, with a method card, entered into a phase."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assay.accounts.models import Team
from assay.challenges.models import Phase
from assay.config.fields import OrderedJSON
from assay.evaluations.models import Evaluation
from assay.images.models import Image
from assay.predictions.models import Predictions


class Submission(models.Model):
    """Points to its evaluation, which knows nothing of it."""

    #: four or more letters and digits that people can read out, such as 4F7Q
    code = models.CharField(max_length=12, unique=True)
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="submissions")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="submissions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: null where result files were entered
    image = models.ForeignKey(Image, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    predictions = models.ForeignKey(Predictions, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="submissions")
    method = models.CharField(max_length=80)
    card = OrderedJSON(default=dict)
    is_baseline = models.BooleanField(default=False)
    #: when the request arrived: received before the close counts
    received_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    #: when a re-score took the place of its scores; whoever keeps a board looks here whether it is still that board
    rescored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (models.Index(fields=("phase", "team", "received_at"), name="submission_quota"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(image__isnull=False, predictions__isnull=True)
                | models.Q(image__isnull=True, predictions__isnull=False),
                name="submission_one_source",
            ),
        )

    def __str__(self) -> str:
        return self.code
