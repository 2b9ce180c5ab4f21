"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from assay.config.reader import release, theme_of
from assay.config.site import absolute
from assay.web.selectors import queue_health

THEMES = ("system", "light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's address, version, people, the reader's theme and, where a template asks, the queue's health."""
    return {
        "site_url": absolute(""),
        "version": release(),
        "theme": theme_of(request),
        "themes": THEMES,
        "api_docs": "/api/docs",
        "contact": settings.CONTACT,
        "source_url": settings.SOURCE_URL,
        "queue": SimpleLazyObject(lambda: queue_health(now=timezone.now())),
    }
