"""A challenge holds tasks, a task holds phases. All three mirror the challenge file."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from assay.config.fields import OrderedJSON
from assay.datasets.models import Dataset
from evaluators.contract.limits import Limits
from evaluators.contract.tasks import TaskSpec


class Challenge(models.Model):
    """The address and the words; everything that decides a score stands in its tasks."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    organisers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="challenges")
    #: the file as it was applied
    source = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.title


class Task(models.Model):
    """What goes in, what must come out, how it is scored and ranked."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="tasks")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    #: rises whenever `spec` changes
    version = models.PositiveIntegerField(default=1)
    spec = OrderedJSON()
    baselines_ranked = models.BooleanField(default=True)
    #: the published methods that the organiser wants to stand beside the teams
    baseline_methods = models.JSONField(default=list)
    #: fields of the method card that no entry may leave out
    card_required = models.JSONField(default=list)

    class Meta:
        ordering = ("challenge", "position")
        constraints = (models.UniqueConstraint(fields=("challenge", "slug"), name="task_slug_once"),)

    def __str__(self) -> str:
        return self.title

    def parsed(self) -> TaskSpec:
        """The specification as the contract's type."""
        return TaskSpec.model_validate(self.spec)


class Phase(models.Model):
    """When, on which data, within which limits and quota."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="phases")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    #: [opens_at, closes_at); None is without end
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    ranked = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    sample = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    limits = models.JSONField()
    #: {submissions, every: day|week|phase, attempts}
    quota = models.JSONField()
    #: best | last
    counts = models.CharField(max_length=10, default="best")
    #: whence teams hold the inputs that they may send result files for: public | given-out; empty: containers alone
    predictions = models.CharField(max_length=10, blank=True, default="")
    #: when teams see scores and the public sees the board; None: at once
    scores_from = models.DateTimeField(null=True, blank=True)
    board_from = models.DateTimeField(null=True, blank=True)
    #: {team | public: {sight, from}}: what may be seen of single cases, see case_show.py
    case_show = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("task", "position")
        constraints = (models.UniqueConstraint(fields=("task", "slug"), name="phase_slug_once"),)

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """challenge/task/phase"""
        return f"{self.task.challenge.slug}/{self.task.slug}/{self.slug}"

    def is_open(self, now: datetime) -> bool:
        """Whether a submission received at `now` counts."""
        return (self.opens_at is None or self.opens_at <= now) and (self.closes_at is None or now < self.closes_at)

    def parsed_limits(self) -> Limits:
        """The limits as the contract's type."""
        return Limits.model_validate(self.limits)
