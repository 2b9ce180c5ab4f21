"""Which files a CMRxRecon 2023 multi-coil cine set has, by their names alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluators.importers.dataset import Problem

SETS = ("TrainingSet", "ValidationSet", "TestSet")
VIEWS = ("sax", "lax")
FACTORS = (4, 8, 10)
#: subject such as P003 -> further strata
StrataOf = Callable[[str], Mapping[str, str]]

_TREE = "MultiCoil/Cine"
_FULL = "FullSample"
_SUBJECT = re.compile(r"P\d{3}")
_KNOWN_FILE = re.compile(r"cine_(sax|lax)(_mask)?\.mat")


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One subject in one view: its fully sampled file, and what each acceleration factor left of it."""

    subject: str
    view: str
    #: relative to the root, as are the others
    full: str
    #: acceleration factor -> (k-space, mask)
    sampled: Mapping[int, tuple[str, str]]

    @property
    def files(self) -> list[str]:
        """Every file of the scan."""
        return [self.full, *(path for pair in self.sampled.values() for path in pair)]


def find_scans(*, root: Path, set_name: str) -> tuple[list[Scan], list[Problem]]:
    """Every scan of a set that has at least one file, sorted, and what is missing or unknown among names.

    root: the folder that holds MultiCoil/Cine. Factors are those whose folder exists; every scan must have all of them.
    """
    base = f"{_TREE}/{set_name}"
    if not (root / base).is_dir():
        return [], [Problem(path=base, wanted=f"a folder of one of {', '.join(SETS)}", found="no such folder")]
    factors = [factor for factor in FACTORS if (root / base / _folder(factor)).is_dir()]
    if not factors:
        wanted = f"one of {', '.join(_folder(factor) for factor in FACTORS)}"
        return [], [Problem(path=base, wanted=wanted, found="none of them")]

    present: set[str] = set()
    problems: list[Problem] = []
    for folder in (_FULL, *map(_folder, factors)):
        found, bad = _names_below(root=root, folder=f"{base}/{folder}")
        present |= found
        problems += bad
    scans = [
        _scan(base=base, subject=subject, view=view, factors=factors)
        for subject in sorted({path.split("/")[-2] for path in present})
        for view in VIEWS
    ]
    scans = [scan for scan in scans if present & set(scan.files)]
    problems += [
        Problem(path=path, wanted="a file, as others of this scan are there", found="no such file")
        for scan in scans
        for path in scan.files
        if path not in present
    ]
    if not scans and not problems:
        problems.append(Problem(path=base, wanted="subjects P001 ... with cine_sax.mat, cine_lax.mat", found="none"))
    return scans, problems


def _folder(factor: int) -> str:
    return f"AccFactor{factor:02d}"


def _scan(*, base: str, subject: str, view: str, factors: list[int]) -> Scan:
    return Scan(
        subject=subject,
        view=view,
        full=f"{base}/{_FULL}/{subject}/cine_{view}.mat",
        sampled={
            factor: (
                f"{base}/{_folder(factor)}/{subject}/cine_{view}.mat",
                f"{base}/{_folder(factor)}/{subject}/cine_{view}_mask.mat",
            )
            for factor in factors
        },
    )


def _names_below(*, root: Path, folder: str) -> tuple[set[str], list[Problem]]:
    """Known .mat files below a folder; a .mat of another name, or under another folder, is a problem."""
    present: set[str] = set()
    problems: list[Problem] = []
    for path in sorted((root / folder).rglob("*.mat")):
        relative = path.relative_to(root).as_posix()
        parts = path.relative_to(root / folder).parts
        if len(parts) != 2 or not _SUBJECT.fullmatch(parts[0]) or not _KNOWN_FILE.fullmatch(parts[1]):
            wanted = "Pxxx/cine_sax.mat, cine_lax.mat or their _mask.mat"
            problems.append(Problem(path=relative, wanted=wanted, found="another name"))
        elif not path.is_file():
            problems.append(Problem(path=relative, wanted="a file", found="something else"))
        elif not (parts[1].endswith("_mask.mat") and folder.endswith(_FULL)):
            # the full sample has no mask; one that lies there is not needed
            present.add(relative)
    return present, problems
