"""Two rows of a board against each other: differences, the test behind them, and single cases where the data are not hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.leaderboards.case_sight import case_sights
from assay.leaderboards.cases import Scored, read_scored
from assay.leaderboards.certainty import Known, read_certainty
from assay.leaderboards.entries import Entry
from assay.leaderboards.errors import RowUnknown, SameRow
from assay.leaderboards.page import column_title, stratum_title
from assay.leaderboards.ranking.aggregate import members, pick
from assay.leaderboards.ranking.pair import Difference, difference, duel
from assay.leaderboards.ranking.significance import ALPHA, chances
from assay.leaderboards.ranking.words import describe_pair
from assay.leaderboards.selectors import board_of, check_public
from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow, PairCase, PairMetric, PairOut, PairStratum
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule

#: units: a draw of three is three times the same in one of 27, which is more than an end of the interval leaves out
_FEWEST_HIDDEN = 4


def compare(
    *, phase: Phase, viewer: User | None, now: datetime, first: str, second: str
) -> tuple[BoardOut, PairOut | None]:
    """The board, and two of its rows against each other; None where none are named. first, second: submission codes.

    Single cases are told where the phase shows them, and to organisers. Raises BoardHidden, RowUnknown, SameRow.
    """
    check_public(phase=phase, viewer=viewer, now=now)
    scored = read_scored(phase)
    known = read_certainty(
        phase=phase, stratum=None, scored=scored, ready=scored.ready(scored.cases.chosen(None)), with_chances=True
    )
    board = board_of(phase=phase, scored=scored, known=known)
    if not first or not second:
        return board, None
    if first == second:
        raise SameRow
    entries = {entry.submission.code: entry for entry in scored.entries}
    rows = {row.submission: row for row in board.rows}
    if not {first, second} <= set(rows):
        raise RowUnknown
    one, other = entries[first], entries[second]
    open_cases = case_sights(phase=phase, viewer=viewer, now=now).others == "table"
    alone = _chances_alone(scored, one, other)
    metrics = [
        _metric(column, one=one, other=other, rows=rows, scored=scored, alone=alone, known=known, open_cases=open_cases)
        for column in board.columns
    ]
    unit = scored.task.independent
    return board, PairOut(
        phase=board.phase,
        dataset=board.dataset,
        cases=board.cases,
        units=board.units,
        unit=unit,
        first=rows[first],
        second=rows[second],
        verdict=_verdict(rows[first], rows[second], metrics=metrics, board=board),
        words=describe_pair(unit=unit),
        metrics=metrics,
        per_case=_per_case(one, other, scored=scored) if open_cases else None,
    )


def _chances_alone(scored: Scored, one: Entry, other: Entry) -> Mapping[str, tuple[float, float]]:
    """metric -> p of "one is better" and of "other is better", as if the board held these two alone."""
    # the rule does not matter to the tests, and seconds have no table
    rules = replace(scored.rules, rule=RankingRule.RANK_THEN_MEAN) if scored.timed else scored.rules
    ready = rules.ready([one, other])
    found = chances(ready, counts=ready.whole, holm=False)[0]
    return {metric.key: (float(p[0, 1]), float(p[1, 0])) for metric, p in zip(ready.metrics, found, strict=True)}


def _metric(
    column: BoardColumn,
    *,
    one: Entry,
    other: Entry,
    rows: Mapping[str, BoardRow],
    scored: Scored,
    alone: Mapping[str, tuple[float, float]],
    known: Known,
    open_cases: bool,
) -> PairMetric:
    key, codes = column.key, (one.submission.code, other.submission.code)
    a, b, units = one.values[key], other.values[key], scored.cases.units
    whole = difference(a, b, units=units)
    fought = duel(a, b, better=Better(column.better))
    p, p_holm, better = None, None, ""
    if key in alone:
        leads = alone[key][0] <= alone[key][1]
        p = min(alone[key])
        ahead, behind = codes if leads else (codes[1], codes[0])
        p_holm = known.chance(key, better=ahead, worse=behind)
        if p_holm is not None and p_holm < ALPHA:
            better = "first" if leads else "second"
    low, high = _interval(whole, open_cases=open_cases)
    strata = [PairStratum(key="", title="All cases", difference=whole.mean, low=low, high=high)]
    for stratum in scored.cases.keys:
        chosen = members(scored.cases.strata, key=stratum)
        part = difference(pick(a, chosen), pick(b, chosen), units=[units[case] for case in chosen])
        title = stratum_title(scored.task, stratum)
        ends = _interval(part, open_cases=open_cases)
        strata.append(PairStratum(key=stratum, title=title, difference=part.mean, low=ends[0], high=ends[1]))
    return PairMetric(
        column=column,
        first=rows[codes[0]].metrics[key],
        second=rows[codes[1]].metrics[key],
        difference=whole.mean,
        low=low,
        high=high,
        both=whole.both,
        wins=fought.wins,
        ties=fought.ties,
        losses=fought.losses,
        p=p,
        p_holm=p_holm,
        better=better,
        spread=list(whole.spread) if open_cases and whole.spread is not None else None,
        strata=strata,
    )


def _interval(found: Difference, *, open_cases: bool) -> tuple[float | None, float | None]:
    """Of hidden data none of so few units that its ends are the differences of single ones."""
    if open_cases or found.units >= _FEWEST_HIDDEN:
        return found.low, found.high
    return None, None


def _verdict(first: BoardRow, second: BoardRow, *, metrics: Sequence[PairMetric], board: BoardOut) -> str:
    """The board's own answer for this pair, in one sentence."""
    pair = f"{first.method} and {second.method}"
    if board.certainty.state == "waiting":
        return f"Whether {pair} are told apart is being computed for these scores."
    ranking = [metric for metric in metrics if metric.column.ranks]
    if all(metric.p_holm is None for metric in ranking):
        return f"{pair} are not tested against each other on this board; the chances below are of this pair alone."
    won = {
        side: [column_title(metric.column, among=board.columns) for metric in ranking if metric.better == side]
        for side in ("first", "second")
    }
    if won["first"] and won["second"]:
        return (
            f"{pair} are not told apart: {first.method} is better in {', '.join(won['first'])}, "
            f"{second.method} in {', '.join(won['second'])}."
        )
    if won["first"]:
        return f"{first.method} is told apart from {second.method}: better in {', '.join(won['first'])}."
    if won["second"]:
        return f"{second.method} is told apart from {first.method}: better in {', '.join(won['second'])}."
    return f"{pair} are not told apart in any metric that ranks. {board.certainty.note}".strip()


def _per_case(one: Entry, other: Entry, *, scored: Scored) -> list[PairCase]:
    return [
        PairCase(
            case=index + 1,
            strata={name: value for name, value in strata.items() if name in scored.task.strata},
            first={key: column[index] for key, column in one.values.items()},
            second={key: column[index] for key, column in other.values.items()},
        )
        for index, strata in enumerate(scored.cases.strata)
    ]
