"""Everything that the charts of one board show, read once and within what the reader may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.leaderboards.case_sight import case_sights
from assay.leaderboards.cases import read_scored
from assay.leaderboards.certainty import read_certainty
from assay.leaderboards.charts.chosen import chosen_rows, method_of
from assay.leaderboards.charts.distribution import distribution_chart
from assay.leaderboards.charts.stability import stability_chart
from assay.leaderboards.charts.tradeoff import tradeoff_chart
from assay.leaderboards.page import column_title
from assay.leaderboards.selectors import board_of, check_public
from evaluators.contract.boards import BoardOut
from evaluators.contract.charts import ChartsOut

#: methods in one chart: more lines than this are not read
MOST_METHODS = 30


def charts_of(
    *,
    phase: Phase,
    viewer: User | None,
    now: datetime,
    mine: Collection[str],
    pins: Collection[str],
    metric: str,
    stratum: str | None,
) -> tuple[BoardOut, ChartsOut]:
    """The board, and its charts of one metric; four queries. Nothing is drawn of an empty board.

    mine: slugs of the viewer's teams, and pins: codes; both stay however far down they stand. metric: a column's key, the first that ranks where
    it is none. Raises BoardHidden, StratumUnknown.
    """
    check_public(phase=phase, viewer=viewer, now=now)
    scored = read_scored(phase)
    chosen = scored.cases.chosen(stratum)
    known = read_certainty(phase=phase, stratum=stratum, scored=scored, ready=scored.ready(chosen), with_shares=True)
    board = board_of(phase=phase, scored=scored, known=known, stratum=stratum)
    column = next(
        (each for each in board.columns if each.key == metric), next(each for each in board.columns if each.ranks)
    )
    title = column_title(column, among=board.columns)
    rows = chosen_rows(board.rows, most=MOST_METHODS, mine=mine, pins=pins)
    sights = case_sights(phase=phase, viewer=viewer, now=now)
    return board, ChartsOut(
        phase=board.phase,
        dataset=board.dataset,
        stratum=stratum or "",
        methods=len(board.rows),
        left_out=len(board.rows) - len(rows),
        stability=stability_chart(known=known, rows=rows),
        distribution=distribution_chart(
            column=column,
            title=title,
            methods=[method_of(row) for row in rows],
            pairs={
                entry.submission.code: [(case, entry.values[column.key][case]) for case in chosen]
                for entry in scored.entries
            },
            sights={row.submission: sights.own if row.team in mine else sights.others for row in rows},
            sight=sights.others,
        ),
        tradeoff=tradeoff_chart(column=column, title=title, rows=rows),
    )
