"""Inputs that the organiser hands to teams: the names in them are no secret, and what teams answer is found by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from evaluators.contract.datasets import NAME, CaseManifest, DatasetManifest
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.problems import ImportProblems, Problem


def given_out(imported: ImportedDataset) -> ImportedDataset:
    """The same version with every case's name as the folder has it, where a container sees a pseudonym.

    Raises ImportProblems for inputs that lie under other names than containers see, with every such file.
    """
    cases: list[CaseManifest] = []
    problems: list[Problem] = []
    for case in imported.manifest.cases:
        found = _name_of(case, files=imported.files)
        if found is None:
            shown = case.inputs[0].path.replace(NAME, "<name>")
            problems.append(Problem(path=case.label, wanted=f"an input at …/{shown}", found="a file of another name"))
        cases.append(case.model_copy(update={"given_as": found}))
    if problems:
        raise ImportProblems(problems=problems, good=len(cases) - len(problems))
    whole = imported.manifest
    manifest = DatasetManifest(layout=whole.layout, visibility=whole.visibility, cases=tuple(cases))
    return ImportedDataset(manifest=manifest, files=imported.files)


def _name_of(case: CaseManifest, *, files: Mapping[str, Path]) -> str | None:
    """What stands in the first input's place on disk where the container's path has the pseudonym."""
    first = case.inputs[0]
    pattern = re.escape(first.path).replace(re.escape(NAME), "(?P<name>[^/]+)", 1)
    pattern = pattern.replace(re.escape(NAME), "(?P=name)")
    found = re.search(f"(?:^|/){pattern}$", files[first.sha256].as_posix())
    return found["name"] if found is not None and "name" in found.groupdict() else None
