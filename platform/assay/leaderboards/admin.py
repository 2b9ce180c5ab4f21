"""What staff see of published boards: everything, nothing to edit."""

from __future__ import annotations

from django.contrib import admin

from assay.audit.admin import ReadOnly
from assay.leaderboards.models import Snapshot, StoredBoard, StoredCertainty


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly):
    """Every published board; one is published on the board's own page, or by `assay challenge publish`."""

    list_display = ("__str__", "taken_at", "taken_by", "public_from", "sha256")
    list_filter = ("phase__task__challenge",)
    list_select_related = ("phase__task__challenge", "taken_by")
    fields = ("phase", "day", "number", "taken_at", "taken_by", "public_from", "sha256")
    date_hierarchy = "day"


@admin.register(StoredCertainty)
class StoredCertaintyAdmin(ReadOnly):
    """How sure each board's ranks are, as last computed; a board that waits for long has an old moment here."""

    list_display = ("phase", "stratum", "reason", "tau", "checked_at")
    list_filter = ("phase__task__challenge",)
    list_select_related = ("phase__task__challenge",)
    fields = ("phase", "stratum", "key", "reason", "intervals", "letters", "tau", "scorer", "checked_at")


@admin.register(StoredBoard)
class StoredBoardAdmin(ReadOnly):
    """Boards as they were computed last, for whoever wonders why a page shows an older one."""

    list_display = ("phase", "stratum", "built_at", "sha256")
    list_filter = ("phase__task__challenge",)
    list_select_related = ("phase__task__challenge",)
    fields = ("phase", "stratum", "built_at", "settings", "scores", "sha256")
