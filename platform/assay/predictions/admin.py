"""Archives of result files in the admin: read only."""

from __future__ import annotations

from django.contrib import admin

from assay.audit.admin import ReadOnly
from assay.predictions.models import Predictions


@admin.register(Predictions)
class PredictionsAdmin(ReadOnly):
    """Who sent which archive."""

    list_display = ("sha256", "team", "archive_bytes", "created_at", "ready_at")
    list_select_related = ("team",)
    search_fields = ("sha256", "team__slug")
