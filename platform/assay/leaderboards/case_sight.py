"""What a reader may see of the scores of single cases."""

from __future__ import annotations

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.submissions.selectors import is_organiser
from evaluators.contract.charts import CaseSight


def case_sight(*, phase: Phase, viewer: User | None) -> CaseSight:
    """`table` where the data are public, and for organisers; else `never`: values of hidden cases, told day by day, are a way to
    their references.
    """
    if phase.ranked.is_public or is_organiser(user=viewer, challenge=phase.task.challenge):
        return "table"
    return "never"
