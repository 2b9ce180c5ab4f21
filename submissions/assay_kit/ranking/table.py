"""The table that `assay rank` reads: one row for a team, case and metric."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from assay_kit.errors import AnswerIsNo
from evaluators.contract.metrics import Better

COLUMNS = ("team", "case", "metric", "value", "larger_is_better")
UNIT = "unit"
#: the metric that holds what was timed; a case without it, such as the warm-up, is left out of the mean
SECONDS = "seconds"
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_SEPARATORS = ",;\t"
#: a challenge of 2,000 entries with 300 cases and 3 metrics has 1.8 million
MOST_ROWS = 5_000_000
#: teams x cases x metrics: absent rows are missing cases, so a few rows can stand for many
MOST_PLACES = 20_000_000
#: sums of larger values would not be finite
LARGEST = 1e150


class BadTable(AnswerIsNo):
    """The file cannot be ranked as it is; the message names the line."""

    default_code = "BAD_TABLE"


@dataclass(kw_only=True)
class RankTable:
    """team -> metric -> case -> value, None where the row's value is empty; direction and unit as the rows say."""

    values: dict[str, dict[str, dict[str, float | None]]] = field(default_factory=dict)
    directions: dict[str, Better] = field(default_factory=dict)
    #: case -> what is independent; the case itself where the table has no such column
    units: dict[str, str] = field(default_factory=dict)

    def column(self, team: str, metric: str) -> list[float | None]:
        """A value or None for every case of the table: a row that is not there is a missing case too."""
        found: Mapping[str, float | None] = self.values[team].get(metric, {})
        return [found.get(case) for case in self.units]


def read_table(path: Path) -> RankTable:
    """Read a CSV file; columns in any order, separated by commas, semicolons or tabs. Raises BadTable."""
    table = RankTable()
    try:
        # utf-8-sig: spreadsheets put a mark in front
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in _rows(file):
                _enter(table, row, number=number)
    except OSError as error:
        raise BadTable(f"{path}: {error.strerror or 'cannot be read'}", code="NO_FILE") from None
    except UnicodeDecodeError:
        raise BadTable("the file is not text in UTF-8; export it as CSV in UTF-8") from None
    except csv.Error as error:
        raise BadTable(f"the file is not CSV: {error}") from None
    if not table.values:
        raise BadTable("the table has no rows below its header")
    if len(table.values) * len(table.units) * len(table.directions) > MOST_PLACES:
        raise BadTable(f"teams x cases x metrics are more than {MOST_PLACES:,}; rank fewer at once")
    return table


def _rows(file: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    header = next(file, "")
    separator = next((mark for mark in _SEPARATORS if mark in header), ",")
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=separator), [])]
    if lacking := [name for name in COLUMNS if name not in names]:
        raise BadTable(
            f"line 1: no column {', '.join(lacking)}; a table has the columns {', '.join(COLUMNS)} and, where several "
            f"cases are not independent, {UNIT}"
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadTable(f"line 1: two columns are called {twice[0]}")
    if unknown := sorted(set(names) - {*COLUMNS, UNIT}):
        raise BadTable(f"line 1: unknown column {unknown[0]!r}; leave it out, nothing is ranked by it")
    rows = csv.reader(file, delimiter=separator, strict=True)
    for count, cells in enumerate(rows):
        number = rows.line_num + 1
        if count >= MOST_ROWS:
            raise BadTable(f"more than {MOST_ROWS:,} rows; rank fewer at once")
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            raise BadTable(f"line {number}: {len(cells)} cells, the header has {len(names)}")
        yield number, dict(zip(names, (cell.strip() for cell in cells), strict=True))


def _enter(table: RankTable, row: Mapping[str, str], *, number: int) -> None:
    for name in ("team", "case", "metric"):
        if not row[name]:
            raise BadTable(f"line {number}: {name} is empty")
    team, case, metric = row["team"], row["case"], row["metric"]
    better = _direction(row["larger_is_better"], number=number)
    if metric == SECONDS and better is Better.HIGHER:
        raise BadTable(f"line {number}: larger_is_better of {SECONDS!r} is true; fewer seconds are better, write false")
    if table.directions.setdefault(metric, better) is not better:
        raise BadTable(f"line {number}: larger_is_better of {metric!r} is not what an earlier line says")
    unit = row.get(UNIT, case)
    if not unit:
        raise BadTable(f"line {number}: unit is empty; write what the case belongs to, such as its subject")
    if table.units.setdefault(case, unit) != unit:
        raise BadTable(f"line {number}: case {case!r} belongs to another unit than an earlier line says")
    cases = table.values.setdefault(team, {}).setdefault(metric, {})
    if case in cases:
        raise BadTable(f"line {number}: team {team!r} has a second value for case {case!r} and metric {metric!r}")
    value = _value(row["value"], number=number)
    if metric == SECONDS and value is not None and value < 0:
        raise BadTable(f"line {number}: {SECONDS} is {row['value']!r}; write what was measured, or leave it empty")
    cases[case] = value


def _direction(text: str, *, number: int) -> Better:
    word = text.lower()
    if word in _YES:
        return Better.HIGHER
    if word in _NO:
        return Better.LOWER
    raise BadTable(f"line {number}: larger_is_better is {text!r}; write true or false")


def _value(text: str, *, number: int) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        hint = "; write a point, not a comma" if "," in text else ""
        raise BadTable(f"line {number}: value {text!r} is not a number{hint}") from None
    if not isfinite(value):
        raise BadTable(f"line {number}: value {text!r} is not finite; leave it empty where the case is missing")
    if abs(value) > LARGEST:
        raise BadTable(f"line {number}: value {text!r} is beyond {LARGEST:g}; write the metric in a larger unit")
    return value
