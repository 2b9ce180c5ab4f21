"""The site's own address."""

from __future__ import annotations

from django.conf import settings


def absolute(path: str) -> str:
    """A path of this site, such as `/boards`, as whoever is elsewhere needs it; the site itself for an empty one."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"
