"""What every template knows."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from assay.web.selectors import queue_health

THEME_COOKIE = "assay-theme"
THEMES = ("system", "light", "dark")


@cache
def release() -> str:
    """The installed version; `dev` where the project runs from a bare checkout."""
    try:
        return version("assay-platform")
    except PackageNotFoundError:
        return "dev"


def theme_of(request: HttpRequest) -> str:
    """`light` or `dark` as the cookie says; empty leaves it to the system."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in {"light", "dark"} else ""


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's address, version, people, the reader's theme and, where a template asks, the queue's health."""
    return {
        "site_url": settings.SITE_URL.rstrip("/"),
        "version": release(),
        "theme": theme_of(request),
        "themes": THEMES,
        "api_docs": "/api/docs",
        "contact": settings.CONTACT,
        "source_url": settings.SOURCE_URL,
        "queue": SimpleLazyObject(lambda: queue_health(now=timezone.now())),
    }
