"""Everything that the charts of one board show, read once and within what the reader may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.leaderboards.case_sight import case_sights
from assay.leaderboards.cases import read_cases
from assay.leaderboards.charts.chosen import chosen_rows, method_of
from assay.leaderboards.charts.distribution import CaseValues, distribution_chart
from assay.leaderboards.charts.stability import stability_chart
from assay.leaderboards.charts.tradeoff import tradeoff_chart
from assay.leaderboards.charts.values import shares_of, values_of
from assay.leaderboards.page import column_title, picked_column
from assay.leaderboards.stored import BoardState, read_board
from evaluators.contract.boards import BoardOut
from evaluators.contract.charts import ChartsOut

#: methods in one chart: more lines than this are not read
MOST_METHODS = 30


def charts_of(
    *,
    state: BoardState,
    viewer: User | None,
    now: datetime,
    mine: Collection[str],
    pins: Collection[str],
    metric: str,
) -> tuple[BoardOut, ChartsOut]:
    """The board, and its charts of one metric; at most three queries more than the stored board.

    mine: slugs of the viewer's teams, and pins: codes; both stay however far down they stand. metric: a column's key, the first
    that ranks where it is none. Raises BoardHidden, StratumUnknown.
    """
    phase, stratum = state.phase, state.stratum or None
    board = read_board(state, viewer=viewer, now=now)
    column = picked_column(board.columns, metric)
    title = column_title(column, among=board.columns)
    rows = chosen_rows(board.rows, most=MOST_METHODS, mine=mine, pins=pins)
    sights = case_sights(phase=phase, viewer=viewer, now=now)
    shown = {row.submission: sights.own if row.team in mine else sights.others for row in rows}
    return board, ChartsOut(
        phase=board.phase,
        dataset=board.dataset,
        stratum=stratum or "",
        methods=len(board.rows),
        left_out=len(board.rows) - len(rows),
        stability=stability_chart(
            certainty=board.certainty,
            rows=rows,
            shares=shares_of(phase=phase, stratum=stratum) if board.certainty.state == "ready" else {},
        ),
        distribution=distribution_chart(
            column=column,
            title=title,
            methods=[method_of(row) for row in rows],
            pairs=_pairs(
                phase,
                codes=[code for code, sight in shown.items() if sight != "never"],
                key=column.key,
                stratum=stratum,
            ),
            sights=shown,
            sight=sights.others,
        ),
        tradeoff=tradeoff_chart(column=column, title=title, rows=rows),
    )


def _pairs(phase: Phase, *, codes: Collection[str], key: str, stratum: str | None) -> dict[str, CaseValues]:
    """Submission code -> cases of the stratum and their values."""
    if not codes:
        return {}
    values = values_of(phase=phase, codes=codes, key=key)
    if stratum is None:
        return {code: list(enumerate(column)) for code, column in values.items()}
    chosen = read_cases(phase.ranked_id, task=phase.task.parsed()).chosen(stratum)
    return {code: [(case, column[case]) for case in chosen] for code, column in values.items()}
