"""One run of an image on a dataset version, and everything that was measured."""

from __future__ import annotations

import uuid

from django.db import models

from assay.accounts.models import Team
from assay.config.fields import OrderedJSON
from assay.datasets.models import Dataset
from assay.images.models import Image
from assay.predictions.models import Predictions
from evaluators.contract.states import LEASED, EvaluationState

STATE_CHOICES = [(state.value, state.value) for state in EvaluationState]


class Worker(models.Model):
    """A process on a GPU box. Its token opens the worker API and nothing else."""

    name = models.CharField(max_length=80, unique=True)
    hardware = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Purpose(models.TextChoices):
    """Why a container runs; it does not decide how."""

    CHECK = "check"
    RANKED = "ranked"
    CONTROL = "control"
    #: an organiser tries the scorer; counted nowhere
    DRY_RUN = "dry-run"


class Evaluation(models.Model):
    """One run of (image or result files, dataset, run spec, scorer, purpose, team, repeat), unique on those."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    #: what runs; null where result files are scored
    image = models.ForeignKey(Image, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    predictions = models.ForeignKey(Predictions, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: a re-score: the run whose kept outputs are scored again, on the worker that has them; never itself a re-score
    outputs_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    #: an answer of ours in place of both, contract's Rehearsal; empty: there is none
    rehearsal = models.CharField(max_length=10, blank=True, default="")
    #: {task, limits} as the contract's types, and the hash over them
    run_spec = OrderedJSON()
    run_spec_digest = models.CharField(max_length=64)
    scorer = models.CharField(max_length=64)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    repeat = models.PositiveIntegerField(default=0)
    hardware = models.CharField(max_length=40)
    #: secret of this evaluation's pseudonyms; the same at every attempt
    pseudonym_seed = models.CharField(max_length=64)

    state = models.CharField(max_length=16, choices=STATE_CHOICES, default=EvaluationState.QUEUED.value)
    attempt = models.PositiveIntegerField(default=0)
    worker = models.ForeignKey(Worker, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    failure = models.JSONField(null=True, blank=True)
    progress = models.JSONField(default=dict)
    #: RunFacts of the run that the current scores come from
    run = models.JSONField(null=True, blank=True)
    output_digest = models.CharField(max_length=64, blank=True)
    #: per case, by index: null (no result yet), {} (scored) or a FailureNote
    outcomes = models.JSONField(default=list)

    class Meta:
        ordering = ("-queued_at",)
        indexes = (
            models.Index(fields=("state", "hardware", "queued_at"), name="evaluation_queue"),
            models.Index(fields=("state", "lease_until"), name="evaluation_lease"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("image", "dataset", "run_spec_digest", "scorer", "purpose", "team", "repeat"),
                name="evaluation_once",
            ),
            models.UniqueConstraint(
                fields=("predictions", "dataset", "run_spec_digest", "scorer", "purpose", "team", "repeat"),
                name="evaluation_of_predictions_once",
            ),
            models.CheckConstraint(
                condition=models.Q(image__isnull=False, predictions__isnull=True, rehearsal="")
                | models.Q(image__isnull=True, predictions__isnull=False, rehearsal="")
                | (models.Q(image__isnull=True, predictions__isnull=True) & ~models.Q(rehearsal="")),
                name="evaluation_one_source",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in EvaluationState]), name="evaluation_state"
            ),
            # exactly the leased states have a worker and a lease
            models.CheckConstraint(
                condition=models.Q(
                    state__in=sorted(state.value for state in LEASED), worker__isnull=False, lease_until__isnull=False
                )
                | (~models.Q(state__in=sorted(state.value for state in LEASED)) & models.Q(lease_until__isnull=True)),
                name="evaluation_lease_with_state",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class MetricScores(models.Model):
    """All values of one metric in one evaluation, packed: a list over the dataset's cases, null where there is none."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    key = models.CharField(max_length=40)
    #: the container run that every value comes from
    output_digest = models.CharField(max_length=64)
    values = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("evaluation", "key"), name="metric_scores_once"),)

    def __str__(self) -> str:
        return f"{self.key} of {self.evaluation_id}"


class Transition(models.Model):
    """One step of an evaluation's life."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="transitions")
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    attempt = models.PositiveIntegerField()
    worker = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("evaluation", "id")

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"
