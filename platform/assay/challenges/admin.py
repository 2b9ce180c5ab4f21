"""Challenges in the admin: read only. They change by applying their file."""

from __future__ import annotations

from django.contrib import admin

from assay.audit.admin import ReadOnly
from assay.challenges.models import Challenge, Phase, Task


@admin.register(Challenge)
class ChallengeAdmin(ReadOnly):
    """The file as it was applied stands on each page."""

    list_display = ("slug", "title", "updated_at")
    search_fields = ("slug", "title")


@admin.register(Task)
class TaskAdmin(ReadOnly):
    """Specifications with their version."""

    list_display = ("slug", "challenge", "title", "version")
    list_select_related = ("challenge",)


@admin.register(Phase)
class PhaseAdmin(ReadOnly):
    """Dates, data, limits, quota."""

    list_display = ("slug", "task", "opens_at", "closes_at", "ranked", "counts")
    list_select_related = ("task", "ranked")
