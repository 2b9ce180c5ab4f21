"""A team's archive of result files as the validation phases asked for them: which case each answers, what is missing, what is too much."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluators.importers.problems import Problem
from evaluators.sandbox.tools.zipped import Listing, home_of

#: as many of a folder's cases are named as what could have been meant
_NAMED = 4


@dataclass(frozen=True, kw_only=True)
class Results:
    """What lies in an archive of results."""

    #: path below /output, as the task names it -> the entry's name
    files: dict[str, str]
    #: cases without a file, in order: each will count as missing
    missing: tuple[str, ...]
    #: files that answer no case
    problems: tuple[Problem, ...]


def find_results(listing: Listing, *, expected: Collection[str]) -> Results:
    """The files of `expected`, the output paths of all cases (`TaskSpec.answer`), below the root or folders that wrap them.

    No file is unpacked. A link in a case's place is told like a file that answers no case. Texts such as readme.txt are left
    alone: what ends as no expected file does.
    """
    names = [*listing.files, *listing.others]
    home = home_of(names, expected=expected)
    wanted, endings = set(expected), {_ending(path) for path in expected}
    beside, form = _by_folder(expected), f"a path like {min(expected, default='')}"
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for name in sorted(names):
        path = name.removeprefix(home)
        if name in listing.others:
            problems.append(Problem(path=path, wanted="a file", found="a link"))
        elif path in wanted:
            files[path] = name
        elif _ending(path) in endings:
            # in words, what could have been meant: the cases of its own folder, else the form of the first
            near = " or ".join(beside.get(path.rpartition("/")[0], ())[:_NAMED]) or form
            found = "a file of no case" if name.startswith(home) else f"a file outside {home}"
            problems.append(Problem(path=path, wanted=near, found=found))
    return Results(files=files, missing=tuple(path for path in expected if path not in files), problems=tuple(problems))


def _ending(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[2]


def _by_folder(paths: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Folder -> the names of its files, sorted."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, _, file = path.rpartition("/")
        found.setdefault(folder, []).append(file)
    return found
