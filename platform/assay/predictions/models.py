"""Archives of result files as teams send them."""

from __future__ import annotations

from django.db import models

from assay.accounts.models import Team


class Predictions(models.Model):
    """One ZIP of result files of one team, named by its SHA-256. What is inside is looked at by a worker alone."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="predictions")
    sha256 = models.CharField(max_length=64)
    #: bytes as stored
    archive_bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    #: when it had arrived whole; null: it is still to be sent
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "predictions"
        constraints = (models.UniqueConstraint(fields=("team", "sha256"), name="predictions_once_per_team"),)

    def __str__(self) -> str:
        return f"sha256:{self.sha256[:12]}"
