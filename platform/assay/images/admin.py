"""Images in the admin: read only."""

from __future__ import annotations

from django.contrib import admin

from assay.audit.admin import ReadOnly
from assay.images.models import Image


@admin.register(Image)
class ImageAdmin(ReadOnly):
    """Who sent which image, and why one was rejected."""

    list_display = ("config_digest", "team", "state", "architecture", "archive_bytes", "unpacked_bytes", "created_at")
    list_filter = ("state",)
    list_select_related = ("team",)
    search_fields = ("config_digest", "team__slug")
