"""Container images as teams send them."""

from __future__ import annotations

from django.db import models

from assay.accounts.models import Team


class ImageState(models.TextChoices):
    """An image is usable once its layers lie here and its archive passed the static checks."""

    NEEDED = "needed"
    READY = "ready"
    REJECTED = "rejected"


class Layer(models.Model):
    """One layer, kept once whatever images and teams it comes from. Only checked images refer to layers."""

    #: SHA-256 of its plain tar, hex
    diff_id = models.CharField(max_length=64, unique=True)
    #: bytes of its plain tar
    size = models.PositiveBigIntegerField()
    #: of a base image that who runs the site gave out: any team may build on it without sending it
    public = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"sha256:{self.diff_id[:12]}"


class Image(models.Model):
    """One image of one team, named by its config digest, which we compute ourselves."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="images")
    config_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ImageState.choices, default=ImageState.NEEDED)
    architecture = models.CharField(max_length=40, blank=True)
    #: every layer that it was checked with; their order stands in its config
    layers = models.ManyToManyField(Layer, related_name="images")
    #: bytes of the archive that a worker fetches
    archive_bytes = models.PositiveBigIntegerField(default=0)
    #: bytes of all layers unpacked: what a phase's limit on images counts
    unpacked_bytes = models.PositiveBigIntegerField(default=0)
    #: why it was rejected: a run failure's code
    failure = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=("team", "config_digest"), name="image_once_per_team"),)

    def __str__(self) -> str:
        return f"sha256:{self.config_digest[:12]}"
