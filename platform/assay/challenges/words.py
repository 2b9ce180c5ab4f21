"""A phase's state as one sentence, and the words that several pages share."""

from __future__ import annotations

from datetime import datetime

from assay.challenges.dates import in_words
from assay.challenges.models import Phase


def phase_sentence(phase: Phase, *, now: datetime) -> str:
    """Open, not yet open or closed, with the date that matters in UTC and AoE."""
    if phase.opens_at is not None and now < phase.opens_at:
        return f"Opens {in_words(phase.opens_at)}."
    if phase.closes_at is None:
        return "Open, without an end."
    if now < phase.closes_at:
        return f"Open until {in_words(phase.closes_at)}."
    return f"Closed since {in_words(phase.closes_at)}."
