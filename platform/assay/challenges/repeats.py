"""What a task's lists may say once alone: parts of a case, formats, values of a stratum, baselines."""

from __future__ import annotations

from collections.abc import Iterator

from assay.challenges.explain import quoted
from assay.challenges.marked_yaml import Document, Path
from assay.challenges.problems import Problem
from assay.challenges.schema import TaskFile


def repeat_problems(path: Path, task: TaskFile, *, document: Document) -> Iterator[Problem]:
    """Every second time of an entry, at its own place. path: of the task in the file."""
    lists: list[Path] = [("case",), ("output", "formats"), ("baselines", "methods")]
    lists += [("strata", name, "values") for name in task.strata]
    for at in lists:
        where = (*path, *at)
        seen: set[str] = set()
        for place, entry in enumerate(_entries(document, where)):
            # 4 and "4" are one value of a stratum
            if str(entry) in seen:
                message = f"{quoted(entry)} stands twice in {at[-1]}"
                yield Problem(at=document.place((*where, place)), message=message, fix="keep one of them")
            seen.add(str(entry))


def _entries(document: Document, path: Path) -> list[object]:
    """A list of the file as it was written; empty where there is none, or a mapping, whose keys differ already."""
    found = document.data
    for part in path:
        if isinstance(found, dict) and part not in found:
            return []
        found = found[part]
    return found if isinstance(found, list) else []
