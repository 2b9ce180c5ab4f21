"""Datasets in the admin: read only, and an organiser sees the cases of their own alone."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from assay.audit.admin import ReadOnly
from assay.datasets.models import Case, Dataset


@admin.register(Dataset)
class DatasetAdmin(ReadOnly):
    """Versions and their hashes; the key is never shown."""

    list_display = ("name", "version", "state", "is_public", "layout", "owner", "sealed_at")
    list_filter = ("state", "is_public")
    list_select_related = ("owner",)
    fields = ("name", "version", "owner", "state", "layout", "is_public", "sha256", "created_at", "sealed_at")
    search_fields = ("name",)


@admin.register(Case)
class CaseAdmin(ReadOnly):
    """Cases with their strata; which subject one belongs to is the owner's own knowledge."""

    list_display = ("dataset", "index", "label", "strata", "shape")
    list_select_related = ("dataset",)
    search_fields = ("label", "dataset__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Those of the viewer's own datasets; all for a superuser."""
        cases: QuerySet[Case] = super().get_queryset(request)
        return cases if request.user.is_superuser else cases.filter(dataset__owner=request.user.pk)
