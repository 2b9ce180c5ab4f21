"""A dry run: three answers of ours through the real scorer of a phase."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assay.challenges.models import Phase
from assay.evaluations.models import Evaluation


class DryRun(models.Model):
    """What was asked, by whom, of which data and task; what came of it stands in its evaluations."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="dry_runs")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    #: name@version and its hash, as they were
    dataset = models.CharField(max_length=100)
    dataset_sha256 = models.CharField(max_length=64)
    #: hash over task and limits
    run_spec_digest = models.CharField(max_length=64)
    perfect = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    empty = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    broken = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return f"dry run {self.pk} of {self.phase_id}"

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """Rehearsal -> its evaluation, in the order in which they are told."""
        return {"perfect": self.perfect, "empty": self.empty, "broken": self.broken}
