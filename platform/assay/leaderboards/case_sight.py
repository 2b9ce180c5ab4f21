"""What a reader may see of the scores of single cases on a board: of every method, and of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.accounts.models import User
from assay.challenges.case_show import shown_of_cases
from assay.challenges.models import Phase
from assay.submissions.selectors import is_organiser
from evaluators.contract.charts import SIGHTS, CaseSight


@dataclass(frozen=True, kw_only=True)
class CaseSights:
    """Of one reader."""

    #: of the methods of others
    others: CaseSight
    #: of those of the reader's own teams
    own: CaseSight


def case_sights(*, phase: Phase, viewer: User | None, now: datetime) -> CaseSights:
    """`table` for organisers; else what the phase shows everybody, and of their own methods its teams.

    Values of hidden cases, told day by day, are a way to their references: an organiser decides. Whether the board, or an
    entry's scores, may be seen at all is the caller's question.
    """
    if is_organiser(user=viewer, challenge=phase.task.challenge):
        return CaseSights(others="table", own="table")
    others = shown_of_cases(phase, who="public", now=now)
    team = shown_of_cases(phase, who="team", now=now)
    # nobody sees less of their own than of others
    return CaseSights(others=others, own=max(others, team, key=SIGHTS.index))
