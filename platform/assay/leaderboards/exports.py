"""A board as a table for other programs."""

from __future__ import annotations

import csv
import io

from evaluators.contract.boards import BoardOut

#: spreadsheets run a cell that begins with one of these
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def board_csv(board: BoardOut) -> str:
    """One line a row, numbers unrounded: rank with its range and group, names, means, means per stratum, cases, failures, what was measured. Missing
    is empty."""
    keys = [column.key for column in board.columns]
    strata = list(board.rows[0].strata) if board.rows else []
    head = ["rank", "rank_low", "rank_high", "group", "team", "method", "baseline", "submission", *keys]
    since = [f"change since {board.since}"] if board.since else []
    head += [f"{key} {stratum}" for stratum in strata for key in keys]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [*head, "cases", "of", "failures", "seconds", "seconds_a_case", "peak_memory", "result_files", *since, "note"]
    )
    for row in board.rows:
        cells: list[object] = [
            _plain(row.rank),
            _plain(row.rank_low),
            _plain(row.rank_high),
            row.group,
            safe_text(row.team),
            safe_text(row.method),
            str(row.baseline).lower(),
            row.submission,
        ]
        cells += [_plain(row.metrics.get(key)) for key in keys]
        cells += [_plain(row.strata[stratum].get(key)) for stratum in strata for key in keys]
        failures = " ".join(f"{code}:{count}" for code, count in row.failures.items())
        measured = [_plain(row.seconds), _plain(row.seconds_a_case), _plain(row.peak_memory)]
        change = [("new" if row.new else _plain(row.change))] if board.since else []
        files = str(row.predictions).lower()
        writer.writerow([*cells, row.cases, board.cases, failures, *measured, files, *change, safe_text(row.note)])
    return text.getvalue()


def _plain(number: float | None) -> str:
    if number is None:
        return ""
    return str(int(number)) if number == int(number) else repr(number)


def safe_text(words: str) -> str:
    """Words as a cell that no spreadsheet runs."""
    return f"'{words}" if words.startswith(_FORMULA) else words
