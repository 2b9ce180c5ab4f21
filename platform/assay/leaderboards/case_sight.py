"""What a reader may see of the scores of single cases on a board: of every method, and of their own."""

from __future__ import annotations

from datetime import datetime

from assay.accounts.models import User
from assay.challenges.case_show import shown_of_cases
from assay.challenges.models import Phase
from assay.submissions.selectors import is_organiser
from evaluators.contract.charts import SIGHTS, CaseSight


def case_sight(*, phase: Phase, viewer: User | None, now: datetime, own: bool = False) -> CaseSight:
    """`table` for organisers; else what the phase shows everybody, and of a method of the viewer's own team (`own`) its team.

    Values of hidden cases, told day by day, are a way to their references: an organiser decides. Whether the board, or the
    entry's scores, may be seen at all is the caller's question.
    """
    if is_organiser(user=viewer, challenge=phase.task.challenge):
        return "table"
    everybody = shown_of_cases(phase, who="public", now=now)
    if not own:
        return everybody
    # nobody sees less of their own than of others
    return max(everybody, shown_of_cases(phase, who="team", now=now), key=SIGHTS.index)
