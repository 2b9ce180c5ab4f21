"""Images and their layers in the admin: read only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from assay.audit.admin import ReadOnly
from assay.images.models import Image, Layer


@admin.register(Image)
class ImageAdmin(ReadOnly):
    """Who sent which image, and why one was rejected."""

    list_display = ("config_digest", "team", "state", "architecture", "archive_bytes", "unpacked_bytes", "created_at")
    list_filter = ("state",)
    list_select_related = ("team",)
    search_fields = ("config_digest", "team__slug")


@admin.register(Layer)
class LayerAdmin(ReadOnly):
    """Which layers are kept, how many images refer to each, and which anybody may build on."""

    list_display = ("diff_id", "size", "public", "references")
    list_filter = ("public",)
    search_fields = ("diff_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        """With the number of images that refer to each."""
        layers: QuerySet[Layer] = super().get_queryset(request)
        return layers.annotate(referring=Count("images")).order_by("-size")

    @admin.display(ordering="referring")
    def references(self, layer: Layer) -> int:
        """Images that refer to it."""
        return int(getattr(layer, "referring"))  # noqa: B009 -- an annotation
