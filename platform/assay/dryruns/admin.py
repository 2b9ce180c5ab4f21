"""Dry runs in the admin: read only."""

from __future__ import annotations

from django.contrib import admin

from assay.audit.admin import ReadOnly
from assay.dryruns.models import DryRun


@admin.register(DryRun)
class DryRunAdmin(ReadOnly):
    """Who tried which phase."""

    list_display = ("phase", "asked_at", "actor", "dataset")
    list_select_related = ("phase__task__challenge", "actor")
