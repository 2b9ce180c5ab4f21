"""What is stored of boards beside the scores: how sure a ranking is."""

from __future__ import annotations

from django.db import models

from assay.challenges.models import Phase


class StoredCertainty(models.Model):
    """Ranges, groups and chances of one board, or of one stratum of it, for the scores that `key` names."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    #: such as `af=4`; empty: all cases
    stratum = models.CharField(max_length=120, blank=True)
    #: of `ranking.certainty.key_of`: shown for these scores and no others; empty: there is no ranking
    key = models.CharField(max_length=64, blank=True)
    #: why there is nothing to show
    reason = models.CharField(max_length=200, blank=True)
    #: {submission code: [lowest, highest rank]}, {submission code: letters}
    intervals = models.JSONField(default=dict)
    letters = models.JSONField(default=dict)
    tau = models.FloatField(null=True, blank=True)
    #: submission codes, and {metric: [[p of "row is better than column"]]} in their order
    tested = models.JSONField(default=list)
    chances = models.JSONField(default=dict)
    #: which scorer's scores were looked at, and when last
    scorer = models.CharField(max_length=64)
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ("phase", "stratum")
        verbose_name_plural = "stored certainties"
        constraints = (models.UniqueConstraint(fields=("phase", "stratum"), name="certainty_once"),)

    def __str__(self) -> str:
        return f"{self.phase_id} {self.stratum}".strip()
