"""Reads of news and pages."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from assay.challenges.models import Challenge
from assay.console.errors import PageUnknown
from assay.console.models import News, Page


def news_of(challenge: Challenge) -> QuerySet[News]:
    """What stands, newest first."""
    return News.objects.filter(challenge=challenge, retracted_at=None)


def pages_of(challenge: Challenge) -> list[Page]:
    """The newest version of each page that was written, in the order of `Page.Kind`; one query."""
    newest = Page.objects.filter(challenge=challenge, kind=OuterRef("kind")).order_by("-version")
    found = Page.objects.filter(challenge=challenge, pk=Subquery(newest.values("pk")[:1]))
    return sorted(found, key=lambda page: Page.Kind.values.index(page.kind))


def page_at(challenge: Challenge, kind: str, version: int | None = None) -> Page:
    """One version; the newest where none is named. Raises PageUnknown."""
    versions = Page.objects.filter(challenge=challenge, kind=kind)
    found = (versions if version is None else versions.filter(version=version)).first()
    if found is None:
        raise PageUnknown
    return found
