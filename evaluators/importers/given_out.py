"""Inputs that the organiser hands to teams: the names in them are no secret, and what teams answer is found by them."""

from __future__ import annotations

import re

from evaluators.contract.datasets import GIVEN_NAME, NAME, CaseManifest, DatasetManifest
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.problems import ImportProblems, Problem


def given_out(imported: ImportedDataset) -> ImportedDataset:
    """The same version with every case's name as the folder has it, where a container sees a pseudonym.

    Raises ImportProblems for inputs that lie under other names than containers see, or under names that cannot be told apart or
    written into a path, with every such case.
    """
    cases: list[CaseManifest] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for case in imported.manifest.cases:
        first = case.inputs[0]
        names = _names_of(case, imported=imported)
        name = min(names, default="")
        path = first.path.replace(NAME, name)
        wanted = f"one input at …/{first.path.replace(NAME, '<name>')}"
        if not names:
            found = f"a file of another name, {imported.files[first.sha256]}"
        elif len(names) > 1:
            found = f"the same bytes under {' and '.join(sorted(names))}"
        elif not re.fullmatch(GIVEN_NAME, name):
            wanted, found = "a name of at most 64 letters, digits, dots, dashes and underscores", repr(name)
        elif path in taken:
            wanted, found = "every case under a path of its own", f"two at {path}"
        else:
            taken.add(path)
            cases.append(case.model_copy(update={"given_as": name}))
            continue
        problems.append(Problem(path=case.label, wanted=wanted, found=found))
    if problems:
        raise ImportProblems(problems=problems, good=len(cases))
    whole = imported.manifest
    manifest = DatasetManifest(layout=whole.layout, visibility=whole.visibility, cases=tuple(cases))
    return ImportedDataset(manifest=manifest, files=imported.files, places=imported.places)


def _names_of(case: CaseManifest, *, imported: ImportedDataset) -> set[str]:
    """What stands in the first input's place on disk where the container's path has the pseudonym; files are known by their
    bytes, so that it may be more than one.
    """
    first = case.inputs[0]
    pattern = re.escape(first.path).replace(re.escape(NAME), "(?P<name>[^/]+)", 1)
    pattern = f"(?:^|/){pattern.replace(re.escape(NAME), '(?P=name)')}$"
    places = imported.places.get(first.sha256) or [imported.files[first.sha256]]
    found = (re.search(pattern, place.as_posix()) for place in places)
    return {match["name"] for match in found if match is not None and "name" in match.groupdict()}
