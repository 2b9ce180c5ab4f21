"""Which disease a patient has, from the organisers' sheet saved as csv: CMRxRecon 2025's tree does not say."""

from __future__ import annotations

import csv
from collections.abc import Set
from pathlib import Path

from evaluators.importers.problems import BadFile

_COLUMNS = ("Center", "Manufacturer", "AnonPatientID")
_DISEASES = tuple(f"Disease{number}" for number in range(1, 5))
#: the value of the stratum where no sheet was given
NO_SHEET = "unknown"
#: ... and where the sheet names none
NONE = "none"


def read_diseases(path: Path, *, units: Set[str]) -> dict[str, str]:
    """Centre/scanner/patient -> disease, in the words of the organisers' scorer: commas gone, blanks as underscores.

    Columns Center, Manufacturer, AnonPatientID and Disease1 to Disease4, as in the sheet that Val_Score2025.py reads. A patient
    with several has them sorted and joined by `+`. Empty without a file. Raises BadFile, also for a patient it lacks.
    """
    if not path.is_file():
        return {}
    wanted = f"csv with the columns {', '.join((*_COLUMNS, _DISEASES[0]))} ... {_DISEASES[-1]}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = set(reader.fieldnames or ())
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise BadFile(wanted=wanted, found="no csv text") from None
    if missing := [name for name in (*_COLUMNS, _DISEASES[0]) if name not in columns]:
        raise BadFile(wanted=wanted, found=f"no column {missing[0]}")
    found = {"/".join((row[name] or "").strip() for name in _COLUMNS): _words(row) for row in rows}
    if lacking := sorted(units - set(found)):
        raise BadFile(wanted="a row for every patient", found=f"none for {lacking[0]}")
    return found


def _words(row: dict[str, str]) -> str:
    named = {(row.get(name) or "").strip().replace(",", "").replace(" ", "_") for name in _DISEASES} - {""}
    return "+".join(sorted(named)) or NONE
