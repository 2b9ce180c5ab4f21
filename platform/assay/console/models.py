"""What organisers do beside the challenge file: re-scores of a phase and what came of each row; news and pages."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assay.challenges.models import Challenge, Phase
from assay.evaluations.models import Evaluation
from assay.leaderboards.models import Snapshot
from assay.submissions.models import Submission


class Rescore(models.Model):
    """One re-scoring of a phase: new scores stand beside the old ones until it is published, all rows at once."""

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    #: why, as the organiser says; told with the news when it is published
    note = models.CharField(max_length=400, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    #: the board with the old scores and with the new ones
    before = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("phase",),
                condition=models.Q(published_at__isnull=True, dropped_at__isnull=True),
                name="rescore_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.phase} re-score {self.pk}"

    @property
    def is_open(self) -> bool:
        """Neither published nor dropped."""
        return self.published_at is None and self.dropped_at is None


class RescoreRow(models.Model):
    """One submission of a re-score: the evaluation that counts now, and the one that would."""

    rescore = models.ForeignKey(Rescore, on_delete=models.CASCADE, related_name="rows")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    #: None: its outputs cannot be scored again, `problem` says why
    after = models.ForeignKey(Evaluation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    problem = models.CharField(max_length=300, blank=True)
    #: the organiser publishes without it: it keeps its old scores, which have no rank beside new ones
    left_out = models.BooleanField(default=False)

    class Meta:
        ordering = ("rescore", "submission__received_at", "id")
        constraints = (models.UniqueConstraint(fields=("rescore", "submission"), name="rescore_row_once"),)

    def __str__(self) -> str:
        return f"{self.submission} in {self.rescore_id}"


class News(models.Model):
    """One announcement: on the challenge's page, in its feed, in its archive."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="news")
    title = models.CharField(max_length=120)
    #: Markdown
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "news"

    def __str__(self) -> str:
        return self.title


class Page(models.Model):
    """One version of a page of a challenge; the newest is shown, all are kept."""

    class Kind(models.TextChoices):
        ABOUT = "about", "About"
        RULES = "rules", "Rules"
        DATA = "data", "Data"
        CITE = "cite", "Cite"

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="pages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.PositiveIntegerField()
    #: Markdown
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("challenge", "kind", "-version")
        constraints = (models.UniqueConstraint(fields=("challenge", "kind", "version"), name="page_version_once"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.challenge}, version {self.version}"
