"""Admin pages that only show. History is read by staff and changed by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from assay.audit.models import Entry

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]  # generic for the type checker only
else:
    _Admin = admin.ModelAdmin


class ReadOnly(_Admin):
    """Staff may look; nobody adds, changes or deletes. What changes these rows is a service or a challenge file."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Shown on the front page of the admin to every organiser."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Staff are organisers of the site."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    """Who did what, newest first."""

    list_display = ("at", "tag", "target", "actor", "agent")
    list_filter = ("tag",)
    list_select_related = ("actor",)
    search_fields = ("target", "tag", "agent", "actor__username")
    date_hierarchy = "at"
