"""People, teams and tokens in the admin. Passwords and token texts are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assay.accounts.models import ApiToken, Membership, Team, User
from assay.accounts.services import revoke_token
from assay.audit.admin import ReadOnly

if TYPE_CHECKING:  # generic for the type checker only
    _TeamAdmin = admin.ModelAdmin[Team]
    _Inline = admin.TabularInline[Membership, Team]
    _UserAdmin = UserAdmin[User]
else:
    _TeamAdmin, _Inline, _UserAdmin = admin.ModelAdmin, admin.TabularInline, UserAdmin


@admin.register(User)
class PersonAdmin(_UserAdmin):
    """Accounts; changed by superusers alone."""

    list_display = ("username", "email", "is_staff", "is_active", "last_login")


class Members(_Inline):
    """Who is in a team."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(_TeamAdmin):
    """Teams; changed by superusers alone."""

    list_display = ("slug", "name", "created_at")
    search_fields = ("slug", "name")
    inlines = (Members,)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Tokens by name. One that leaked is revoked here by a superuser."""

    list_display = ("name", "user", "scopes", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    fields = ("name", "user", "scopes", "created_at", "last_used_at", "revoked_at")
    search_fields = ("name", "user__username")
    actions = ("revoke",)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Superusers alone: names of tokens say which machines people use."""
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.action(description="Revoke the selected tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Close them for good."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin lets nobody else in
        for token in queryset:
            revoke_token(actor=request.user, token=token, now=timezone.now())
        self.message_user(request, f"{queryset.count()} tokens are revoked.")
