"""Reads of submissions: the quota, who may see what, the state in one sentence, the API's form."""

from __future__ import annotations

from assay.submissions.selectors.access import (
    is_organiser,
    scores_visible,
    submission_for,
    submissions_of,
    visible_submissions,
)
from assay.submissions.selectors.message import describe, describe_all
from assay.submissions.selectors.phases import describe_phase, describe_phases, list_predictions
from assay.submissions.selectors.quota import Quota, counts, quota
from assay.submissions.selectors.sentence import case_failures, state_sentence

__all__ = [
    "Quota",
    "case_failures",
    "counts",
    "describe",
    "describe_all",
    "describe_phase",
    "describe_phases",
    "is_organiser",
    "list_predictions",
    "quota",
    "scores_visible",
    "state_sentence",
    "submission_for",
    "submissions_of",
    "visible_submissions",
]
