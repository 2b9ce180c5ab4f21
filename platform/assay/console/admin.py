"""What staff see of the console's rows: everything, nothing to edit."""

from __future__ import annotations

from django.contrib import admin

from assay.audit.admin import ReadOnly
from assay.console.models import Letter, Mailing, News, Page, Rescore


@admin.register(Rescore)
class RescoreAdmin(ReadOnly):
    """Published and dropped ones too."""

    list_display = ("phase", "asked_by", "asked_at", "published_at", "dropped_at")
    list_select_related = ("phase__task__challenge", "asked_by")


@admin.register(News)
class NewsAdmin(ReadOnly):
    """Retracted ones too."""

    list_display = ("title", "challenge", "at", "retracted_at")
    list_select_related = ("challenge",)


@admin.register(Page)
class PageAdmin(ReadOnly):
    """Every version."""

    list_display = ("challenge", "kind", "version", "at", "written_by")
    list_select_related = ("challenge", "written_by")


@admin.register(Mailing)
class MailingAdmin(ReadOnly):
    """What was sent to whom stands on its own page of the console."""

    list_display = ("subject", "challenge", "audience", "written_by", "at")
    list_select_related = ("challenge", "written_by")


@admin.register(Letter)
class LetterAdmin(ReadOnly):
    """One recipient a row."""

    list_display = ("mailing", "user", "state", "at", "problem")
    list_select_related = ("mailing__challenge", "user")
    list_filter = ("state",)
