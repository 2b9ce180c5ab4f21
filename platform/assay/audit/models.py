"""The audit record."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One deed: who, what, on what, when. Written once, never changed."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: who acted where no person did, such as `worker:gpu-3` or `system`
    agent = models.CharField(max_length=80, blank=True)
    #: source:subject:action, such as `team:submission:create`
    tag = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.tag} {self.target}"
