"""The way down to a page of the console."""

from __future__ import annotations

from django.urls import reverse

from assay.challenges.crumbs import Crumb, crumbs_to
from assay.challenges.models import Challenge


def console_crumbs(challenge: Challenge, title: str = "") -> list[Crumb]:
    """Boards / challenge / Console / title, the last one without a link."""
    if not title:
        return crumbs_to(challenge, beyond="Console")
    return crumbs_to(challenge, beyond=[Crumb("Console", reverse("console", args=[challenge.slug])), Crumb(title)])
