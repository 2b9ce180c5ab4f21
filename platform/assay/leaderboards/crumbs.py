"""The way down to a page beside a board."""

from __future__ import annotations

from django.urls import reverse

from assay.challenges.crumbs import Crumb, crumbs_to
from assay.challenges.models import Phase


def board_crumbs(phase: Phase, title: str) -> list[Crumb]:
    """Boards / challenge / task / phase / Board / title, the last one without a link."""
    return crumbs_to(phase, beyond=[Crumb("Board", reverse("board", args=phase.address.split("/"))), Crumb(title)])
