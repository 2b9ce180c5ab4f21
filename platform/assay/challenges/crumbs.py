"""The way from the boards down to a page, for the breadcrumb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse

from assay.challenges.models import Challenge, Phase, Task


class Crumb(NamedTuple):
    """One step; without a url it is the page itself."""

    title: str
    url: str = ""


def crumbs_to(place: Challenge | Task | Phase, *, beyond: str | Sequence[Crumb] = ()) -> list[Crumb]:
    """Boards / challenge / task / phase, the last one without a link; `beyond` names a page below `place`, or the way to it."""
    steps = [Crumb("Boards", reverse("boards")), *_steps(place)]
    if beyond:
        return [*steps, *([Crumb(beyond)] if isinstance(beyond, str) else beyond)]
    return [*steps[:-1], Crumb(steps[-1].title)]


def _steps(place: Challenge | Task | Phase) -> list[Crumb]:
    if isinstance(place, Challenge):
        return [Crumb(place.title, reverse("challenge", args=[place.slug]))]
    if isinstance(place, Task):
        url = reverse("task", args=[place.challenge.slug, place.slug])
        return [*_steps(place.challenge), Crumb(place.title, url)]
    return [*_steps(place.task), Crumb(place.title, reverse("phase", args=place.address.split("/")))]
