"""Any tree with a sheet of cases: <set>.csv with the columns image, labels, subject, and one more a stratum.

Paths start from the sheet's folder. A dataset.json beside it, {"labels": {"background": 0, "lesion": 1}}, says which labels there
are. A container sees each image as <pseudonym>/image.nii.gz, whatever it is called here.
"""

from __future__ import annotations

import csv
from pathlib import Path

from evaluators.contract.datasets import check_relative_path
from evaluators.importers.images import dataset_json
from evaluators.importers.images.case import PLAIN, PLAIN_NAME, Found, ImageCase, ImageLayout, Input
from evaluators.importers.problems import BadFile, Problem

_COLUMNS = ("image", "labels", "subject")


def _find(root: Path, set_name: str) -> Found:
    name = f"{set_name}.csv"
    try:
        rows = _rows(root / name)
    except BadFile as bad:
        return Found(problems=[bad.at(name)])
    labels = None
    if (root / dataset_json.NAME).exists():
        try:
            labels = dataset_json.labels_of(dataset_json.read_dataset_json(root))
        except BadFile as bad:
            return Found(problems=[bad.at(dataset_json.NAME)])
    cases: list[ImageCase] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        if bad_cell := _bad_cell(row):
            problems.append(Problem(path=name, wanted=bad_cell, found=f"{','.join(row.values())!r} in line {number}"))
            continue
        strata = {stratum: value for stratum, value in row.items() if stratum not in _COLUMNS}
        cases.append(
            ImageCase(
                unit=row["subject"],
                # every image has a pseudonym of its own: nothing says which are of one subject
                group=row["image"],
                inputs=(Input(path=row["image"], shown=PLAIN_NAME),),
                labels=row["labels"],
                strata=strata,
            )
        )
    return Found(cases=cases, problems=problems, labels=labels)


def _rows(path: Path) -> list[dict[str, str]]:
    """One dictionary a case, every column a text. Raises BadFile."""
    wanted = f"a sheet with the columns {', '.join(_COLUMNS)}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = [[cell.strip() for cell in row] for row in csv.reader(file, strict=True) if row]
    except FileNotFoundError:
        sheets = sorted(other.name for other in path.parent.glob("*.csv"))
        there = f"there is {', '.join(sheets)} (--set)" if sheets else "no sheet at all"
        raise BadFile(wanted=wanted, found=f"no such file; {there}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(wanted=wanted, found=f"{error}") from None
    head = table[0] if table else []
    if missing := [column for column in _COLUMNS if column not in head]:
        raise BadFile(wanted=wanted, found=f"no column {', '.join(missing)}")
    if len(set(head)) != len(head):
        raise BadFile(wanted="every column once", found="a column twice")
    if ragged := next((row for row in table[1:] if len(row) != len(head)), None):
        raise BadFile(wanted=f"{len(head)} cells a line", found=f"{len(ragged)} in {','.join(ragged)!r}")
    if len(table) == 1:
        raise BadFile(wanted="a line a case", found="none")
    rows = [dict(zip(head, row, strict=True)) for row in table[1:]]
    images = [row["image"] for row in rows]
    if twice := next((image for image in images if images.count(image) > 1), None):
        raise BadFile(wanted="every image once", found=f"{twice} twice")
    return rows


def _bad_cell(row: dict[str, str]) -> str:
    """What the line lacks, in words; empty where it is sound."""
    if not all(row.values()):
        return "a value in every cell"
    try:
        for column in ("image", "labels"):
            check_relative_path(row[column])
    except ValueError:
        return "paths below the sheet's folder"
    return ""


SHEET = ImageLayout(key=PLAIN, title="images and label maps named by a sheet", find=_find)
