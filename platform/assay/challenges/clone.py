"""Last year's challenge file for this year: another name, dates shifted, its words and comments kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from assay.challenges.edit import with_values
from assay.challenges.json_schema import SCHEMA_PATH
from assay.challenges.marked_yaml import Document, Path, load

#: begins the first line, by which editors find the schema
EDITOR_LINE = "# yaml-language-server: $schema="
#: stands behind every line that names data of the earlier challenge
REPLACE = "# REPLACE: data of"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def clone_file(text: str, *, name: str, start: date | None, title: str = "", site: str = "") -> str:
    """The text under a new name.

    start: the day on which the first phase opens; every date moves by as many days. Without dates, the first phase of each task opens then.
    title: in place of the earlier one. site: whose schema editors check the file by.
    Datasets stay named and are marked: an organiser replaces them. Raises CannotEdit, YamlProblem, ValueError (a date that cannot be shifted).
    """
    document = load(text)
    earlier = str(document.data["challenge"])
    changes: dict[Path, object] = {("challenge",): name}
    if title:
        changes["title",] = title
    if start is not None:
        changes |= _shifted(document, start=start)
    text = _marked(with_values(text, changes), earlier=earlier)
    return with_editor_line(text, site=site)


def with_editor_line(text: str, *, site: str) -> str:
    """The text with a first line by which editors find the schema of this site; one that is there stays."""
    if not site or text.lstrip("\ufeff").startswith(EDITOR_LINE):
        return text
    return f"{EDITOR_LINE}{site.rstrip('/')}{SCHEMA_PATH}\n{text}"


def _shifted(document: Document, *, start: date) -> dict[Path, object]:
    dates = dict(_dates(document))
    if not dates:
        return {
            ("tasks", number, "phases", 0, "open", "from"): start.isoformat()
            for number, _ in enumerate(document.data["tasks"])
        }
    opening = [_day(text) for path, text in dates.items() if path[-1] == "from"] or [*map(_day, dates.values())]
    offset = start - min(opening)
    return {path: f"{_day(text) + offset}{text[10:]}" for path, text in dates.items()}


def _dates(document: Document) -> Iterator[tuple[Path, str]]:
    """Every date of the file's phases, with its place."""
    for number, task in enumerate(document.data["tasks"]):
        for place, phase in enumerate(task["phases"]):
            for key in ("open", "show"):
                yield from _dates_in(phase.get(key), ("tasks", number, "phases", place, key))


def _dates_in(data: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _dates_in(value, (*path, key))
    elif isinstance(data, str) and _DAY.match(data):
        yield path, data


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _marked(text: str, *, earlier: str) -> str:
    """A remark behind every line that names a dataset."""
    document = load(text)
    lines = text.split("\n")
    for path, mark in document.values.items():
        if path[-2:-1] == ("data",) and path[-1] in {"ranked", "sample"} and REPLACE not in lines[mark.line - 1]:
            lines[mark.line - 1] += f"   {REPLACE} {earlier}"
    marked = "\n".join(lines)
    if load(marked).data != document.data:
        raise ValueError("a dataset's name stands where no remark can follow; write it on one line")
    return marked
