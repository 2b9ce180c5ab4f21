"""Reads of re-scores."""

from __future__ import annotations

from django.db.models import QuerySet

from assay.challenges.models import Challenge, Phase
from assay.console.errors import RescoreUnknown
from assay.console.models import Rescore


def all_rescores() -> QuerySet[Rescore]:
    """Newest first, with what their pages name."""
    return Rescore.objects.select_related("phase__task__challenge", "phase__ranked", "before", "after", "asked_by")


def rescore_in(challenge: Challenge, number: int) -> Rescore:
    """One of this challenge. Raises RescoreUnknown."""
    found = all_rescores().filter(phase__task__challenge=challenge, pk=number).first()
    if found is None:
        raise RescoreUnknown
    return found


def rescore_of(phase: Phase) -> Rescore:
    """The newest of a phase: the open one where there is one. Raises RescoreUnknown."""
    found = all_rescores().filter(phase=phase).first()
    if found is None:
        raise RescoreUnknown("This phase has never been scored again.", next="Begin one.")
    return found
