"""A team's result files as the validation phases asked for them: which case each answers, what is missing, what is too much."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluators.importers.problems import Problem

#: folders that a zip may have around the tree, such as Submission/
_WRAPPINGS = 2


@dataclass(frozen=True, kw_only=True)
class Results:
    """What lies in a folder of results."""

    #: path below /output, as the task names it -> the file
    files: dict[str, Path]
    #: cases without a file, in order: each will count as missing
    missing: tuple[str, ...]
    #: files that answer no case
    problems: tuple[Problem, ...]


def find_results(root: Path, *, expected: Collection[str]) -> Results:
    """The files of `expected`, the output paths of all cases (`TaskSpec.answer`), below `root` or a folder that wraps them.

    2023's zips may have a folder Submission around the tree, 2025's any; 2024's begin at the modality. No file is opened,
    nothing is followed: a link is told like a file that answers no case. Texts such as readme.txt are left alone.
    """
    home = next((folder for folder in _folders(root) if _begins(folder, expected)), root)
    files: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in sorted(_walk(home)):
        relative = path.relative_to(home).as_posix()
        if path.is_symlink():
            problems.append(Problem(path=relative, wanted="a file", found="a link"))
        elif relative in expected:
            files[relative] = path
        elif path.suffix == ".mat":
            problems.append(Problem(path=relative, wanted=_nearest(relative, expected), found="a file of no case"))
    return Results(files=files, missing=tuple(path for path in expected if path not in files), problems=tuple(problems))


def _folders(root: Path) -> Iterator[Path]:
    """The root, then the folders in it, and those in these."""
    level = [root]
    for _ in range(_WRAPPINGS + 1):
        yield from level
        level = [one for folder in level for one in sorted(folder.iterdir()) if one.is_dir() and not one.is_symlink()]


def _begins(folder: Path, expected: Collection[str]) -> bool:
    return any((folder / path.partition("/")[0]).is_dir() for path in expected)


def _walk(folder: Path) -> Iterator[Path]:
    for one in folder.iterdir():
        if one.is_dir() and not one.is_symlink():
            yield from _walk(one)
        else:
            yield one


def _nearest(path: str, expected: Collection[str]) -> str:
    """In words, what could have been meant: the cases of its own folder, else the form of the first."""
    folder = path.rpartition("/")[0]
    names = sorted(other.rpartition("/")[2] for other in expected if other.rpartition("/")[0] == folder)
    return " or ".join(names[:4]) if names else f"a path like {min(expected, default='')}"
