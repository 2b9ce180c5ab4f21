"""The single cases of one scored submission, as far as its reader may see them: worst first, and as a cloud over the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.evaluations.models import Evaluation
from assay.leaderboards.cases import Cases
from assay.leaderboards.charts.chosen import chosen_rows
from assay.leaderboards.charts.distribution import CaseValues, distribution_chart
from assay.leaderboards.charts.values import values_of
from assay.leaderboards.page import column_title, metric_text, stratum_title
from assay.leaderboards.ranking.aggregate import Values
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardColumn, BoardOut
from evaluators.contract.charts import CaseSight, ChartMethod, DistributionOut
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import TaskSpec

#: lines of the list; whoever needs more looks at the file behind the API
MOST_LISTED = 200
#: methods that the field is made of
_MOST_FIELD = 30
#: the field's place among the codes of submissions, which are never empty
_FIELD = ""


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One case. code: of its failure; empty for one that was scored."""

    number: int
    strata: str
    code: str
    cells: tuple[str, ...]


def worst_first(
    *, evaluation: Evaluation, cases: Cases, columns: Sequence[BoardColumn], values: dict[str, Values], task: TaskSpec
) -> tuple[CaseLine, ...]:
    """Every case, failures above, then by the first metric that ranks, the worst first."""
    first = next(column for column in columns if column.ranks)
    sign = 1.0 if first.better == Better.HIGHER else -1.0

    def place(case: int) -> tuple[bool, float, int]:
        value = values[first.key][case]
        return value is not None, 0.0 if value is None else sign * value, case

    return tuple(
        CaseLine(
            number=case + 1,
            strata=", ".join(
                filter(
                    None, (stratum_title(task, f"{name}={cases.strata[case].get(name, '')}") for name in task.strata)
                )
            ),
            code=(evaluation.outcomes[case] or {}).get("code", ""),
            cells=tuple(metric_text(values[column.key][case], column=column) for column in columns),
        )
        for case in sorted(range(len(cases.strata)), key=place)
    )


def cloud_over_field(
    *,
    submission: Submission,
    values: dict[str, Values],
    column: BoardColumn,
    among: Sequence[BoardColumn],
    board: BoardOut | None,
    own: CaseSight,
    others: CaseSight,
) -> DistributionOut:
    """The submission's values over those of the methods on its board together; one query.

    own, others: what may be seen of single cases. Of the field no case is told apart, whatever may be seen.
    """
    rank = next((row.rank for row in board.rows if row.submission == submission.code), None) if board else None
    methods = [
        ChartMethod(
            submission=submission.code, method=submission.method, team=submission.team.name,
            baseline=submission.is_baseline, rank=rank,
        )
    ]  # fmt: skip
    pairs: dict[str, CaseValues] = {submission.code: list(enumerate(values[column.key]))}
    sights: dict[str, CaseSight] = {submission.code: own}
    if board is not None and others != "never":
        codes = [
            row.submission
            for row in chosen_rows(board.rows, most=_MOST_FIELD, mine=())
            if row.submission != submission.code
        ]
        field = list(values_of(phase=submission.phase, codes=codes, key=column.key).values())
        if field:
            count = f"{len(field)} other method{'' if len(field) == 1 else 's'} of the board"
            methods.append(ChartMethod(submission=_FIELD, method=count, team="", baseline=False, rank=None))
            pairs[_FIELD] = [(case, value) for one in field for case, value in enumerate(one)]
            sights[_FIELD] = "distribution"
    return distribution_chart(
        column=column,
        title=column_title(column, among=among),
        methods=methods,
        pairs=pairs,
        sights=sights,
        sight=others,
    )
