"""What is stored of boards beside the scores: how sure a ranking is, and boards as they were published."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assay.challenges.models import Phase
from evaluators.contract.boards import SnapshotOut


class StoredCertainty(models.Model):
    """Ranges, groups and chances of one board, or of one stratum of it, for the scores that `key` names."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    #: such as `af=4`, as long as the organiser made it; empty: all cases
    stratum = models.TextField(blank=True)
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
    #: {submission code: [[rank, share of the draws]]}, of those tested
    shares = models.JSONField(default=dict)
    #: which scorer's scores were looked at, and when last
    scorer = models.CharField(max_length=64)
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ("phase", "stratum")
        verbose_name_plural = "stored certainties"
        constraints = (models.UniqueConstraint(fields=("phase", "stratum"), name="certainty_once"),)

    def __str__(self) -> str:
        return f"{self.phase_id} {self.stratum}".strip()


class StoredBoard(models.Model):
    """A board, or one stratum of it, as it was computed. Rows are written and deleted, never changed: readers keep what they name."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    stratum = models.TextField(blank=True)
    #: what it was computed from, as `stored.board_state` marks it
    settings = models.CharField(max_length=64)
    scores = models.CharField(max_length=64)
    #: the contract's BoardOut, byte for byte what is served; and the hash over it
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("phase", "stratum", "-id"), name="stored_board_newest"),)

    def __str__(self) -> str:
        return f"{self.phase_id} {self.stratum}".strip()


class Snapshot(models.Model):
    """A board as it was published. Written once, never changed, whatever becomes of scores, teams and entries."""

    #: a phase with a published board stays
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="+")
    #: in UTC, and which one of that day
    day = models.DateField()
    number = models.PositiveIntegerField()
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: from when anybody was to read it, as the phase said then; None, or not after `taken_at`: it is public and stays so
    public_from = models.DateTimeField(null=True, blank=True)
    #: the contract's SnapshotOut, byte for byte what is served; and the hash over it
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    #: [team's key, method, baseline, rank] a row, to count changes from
    places = models.JSONField()

    class Meta:
        ordering = ("-day", "-number")
        constraints = (models.UniqueConstraint(fields=("phase", "day", "number"), name="snapshot_once"),)

    def __str__(self) -> str:
        return f"{self.phase} {self.name}"

    @property
    def name(self) -> str:
        """Such as 2026-10-01-1."""
        return f"{self.day:%Y-%m-%d}-{self.number}"

    def parsed(self) -> SnapshotOut:
        """The document as the contract's type."""
        return SnapshotOut.model_validate_json(self.document)
