"""Which scans a set has, by the names of its files alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evaluators.importers.layout import Family, Layout, Pattern, filled
from evaluators.importers.problems import Problem

#: subject such as P003 -> further strata
StrataOf = Callable[[str], Mapping[str, str]]
#: stratum -> values: what is wanted of a set
Only = Mapping[str, frozenset[str]]
Fields = Mapping[str, str]

_MISSING = "a file, as others of this scan are there"


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What one pattern and factor left of a scan: one case."""

    factor: int
    pattern: Pattern
    kspace: str
    kspace_variable: str
    mask: str
    mask_variable: str
    #: csv of times that the container sees
    times: str | None
    info: str | None
    strata: Mapping[str, str]
    group: str

    @property
    def files(self) -> list[str]:
        """Files that must be there."""
        return [self.kspace, self.mask, *([self.times] if self.times else [])]

    @property
    def inputs(self) -> list[str]:
        """What the container sees; the first one is mirrored by its output."""
        return [*self.files, *([self.info] if self.info else [])]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One subject in one scan: its fully sampled file, and what was left of it. Paths are relative to the root."""

    family: Family
    subject: str
    unit: str
    name: str
    full: str
    full_variable: str
    times: str | None
    labels: str | None
    sampled: tuple[Sampled, ...]

    @property
    def variables(self) -> dict[str, str]:
        """Which variable each .mat file must hold."""
        found = {self.full: self.full_variable}
        for one in self.sampled:
            found |= {one.kspace: one.kspace_variable, one.mask: one.mask_variable}
        return found

    @property
    def files(self) -> list[str]:
        """Every file that must be there."""
        own = [self.full, *([self.times] if self.times else []), *([self.labels] if self.labels else [])]
        return own + [path for one in self.sampled for path in one.files]


def find_scans(*, root: Path, layout: Layout, set_name: str, only: Only) -> tuple[list[Scan], list[Problem]]:
    """Every scan of a set of which something was sampled, sorted, and what is missing or unknown among names."""
    homes = [(family, filled(layout.home, {"family": family.folder, "set": set_name})) for family in layout.families]
    there = [(family, home) for family, home in homes if (root / home).is_dir()]
    if not there:
        wanted = f"this folder of a set ({', '.join(layout.sets)}) below the folder that was given"
        home = homes[0][1] if len(homes) == 1 else filled(layout.home, {"family": "*", "set": set_name})
        return [], [Problem(path=home, wanted=wanted, found="no such folder")]
    scans: list[Scan] = []
    problems: list[Problem] = []
    for family, home in there:
        found, bad = _find(root=root, layout=layout, family=family, set_name=set_name, home=home)
        scans += found
        problems += bad
    if not scans and not problems:
        wanted = f"subjects P001 ... with {', '.join(family.names for family, _ in there)}, under-sampled"
        problems = [Problem(path=there[0][1], wanted=wanted, found="none")]
    known = _strata(scans)
    scans = [kept for scan in scans if (kept := _only(scan, only=only)) is not None]
    if not scans and not problems:
        chosen = ", ".join(f"{name} {'/'.join(sorted(values))}" for name, values in only.items())
        problems = [Problem(path=there[0][1], wanted=f"cases with {chosen}", found=f"none; there are {known}")]
    # labels are drawn over this order: another one would give the same data other labels
    return sorted(sorted(scans, key=lambda scan: scan.name, reverse=True), key=lambda scan: scan.unit), problems


def _find(*, root: Path, layout: Layout, family: Family, set_name: str, home: str) -> tuple[list[Scan], list[Problem]]:
    compiled = partial(layout.regex, family=family, set_name=set_name)
    matchers = {"full": compiled(layout.full), "kspace": compiled(layout.kspace), "mask": compiled(layout.mask)}
    folders = sorted(set(_folders(root=root, home=home, layout=layout, set_name=set_name, family=family)))
    factors = [factor for factor in layout.factors if _factor_folder(layout, factor) in folders]
    if layout.complete and not factors:
        wanted = f"one of {', '.join(_factor_folder(layout, factor) for factor in layout.factors)}"
        return [], [Problem(path=home, wanted=wanted, found="none of them")]

    present: dict[str, set[str]] = {role: set() for role in matchers}
    fields_of: dict[str, Fields] = {}
    problems: list[Problem] = []
    for path in sorted(path for folder in folders for path in (root / home / folder).rglob("*.mat")):
        relative = path.relative_to(root).as_posix()
        role, fields = _recognised(relative, matchers=matchers)
        if fields is None:
            # a mask beside the full sample is not needed
            if not _spare(relative, layout=layout, home=home):
                problems.append(Problem(path=relative, wanted=_names(layout, family), found="another name"))
        elif not path.is_file():
            problems.append(Problem(path=relative, wanted="a file", found="something else"))
        else:
            present[role].add(relative)
            fields_of[relative] = fields
    scans = _scans(root=root, layout=layout, family=family, factors=factors, present=present, fields_of=fields_of)
    problems += [
        Problem(path=path, variable=scan.variables.get(path), wanted=_MISSING, found="no such file")
        for scan in scans
        for path in scan.files
        if not (root / path).is_file() and path not in {problem.path for problem in problems}
    ]
    return scans, problems


def _scans(
    *,
    root: Path,
    layout: Layout,
    family: Family,
    factors: list[int],
    present: Mapping[str, set[str]],
    fields_of: Mapping[str, Fields],
) -> list[Scan]:
    """Files put together: one scan for all that have the same fields but for pattern and factor."""
    groups: dict[tuple[tuple[str, str], ...], set[tuple[str, int]]] = {}
    for role, paths in present.items():
        for path in paths:
            fields = dict(fields_of[path])
            sampling = (fields.pop("pattern", ""), int(fields.pop("af", "0")))
            found = groups.setdefault(tuple(sorted(fields.items())), set())
            if role != "full":
                found.add(sampling)
    scans = []
    for key, sampled in groups.items():
        fields = dict(key)
        samplings = sorted(sampled if not layout.complete else {("", factor) for factor in factors})
        if samplings:
            scans.append(_scan(root=root, layout=layout, family=family, fields=fields, samplings=samplings))
    return scans


def _scan(*, root: Path, layout: Layout, family: Family, fields: Fields, samplings: list[tuple[str, int]]) -> Scan:
    timed = fields["scan"] in family.times and layout.times is not None
    full = layout.path(layout.full, fields)
    return Scan(
        family=family,
        subject=fields["subject"],
        unit=filled(layout.unit, fields),
        name=fields["scan"],
        full=full,
        full_variable=" or ".join(layout.full_variables),
        times=full.removesuffix(".mat") + str(layout.times) if timed else None,
        labels=_labels(root=root, layout=layout, family=family, fields=fields),
        sampled=tuple(
            _sampled(root=root, layout=layout, fields={**fields, "pattern": pattern, "af": str(factor)}, timed=timed)
            for pattern, factor in samplings
        ),
    )


def _sampled(*, root: Path, layout: Layout, fields: Fields, timed: bool) -> Sampled:
    kspace = layout.path(layout.kspace, fields)
    info = layout.path(layout.info, fields) if layout.info else None
    return Sampled(
        factor=int(fields["af"]),
        pattern=layout.pattern_of(fields),
        kspace=kspace,
        kspace_variable=filled(layout.kspace_variable, fields),
        mask=layout.path(layout.mask, fields),
        mask_variable=filled(layout.mask_variable, fields),
        times=kspace.removesuffix(".mat") + str(layout.times) if timed else None,
        info=info if info is not None and (root / info).is_file() else None,
        strata=layout.strata_of(fields),
        group=filled(layout.group, fields),
    )


def _labels(*, root: Path, layout: Layout, family: Family, fields: Fields) -> str | None:
    """The label map that there is; where others of the set have one and it must, its place (it will be told as missing)."""
    if not family.labels:
        return None
    places = [filled(template, fields) for template in layout.labels]
    for place in places:
        if (root / place).is_file():
            return place
    # <SegmentROI>/<subject>/<file>
    needed = (place for place in places if family.needs_labels and (root / place).parent.parent.is_dir())
    return next(needed, None)


def _only(scan: Scan, *, only: Only) -> Scan | None:
    kept = tuple(one for one in scan.sampled if all(one.strata.get(name) in values for name, values in only.items()))
    return replace(scan, sampled=kept) if kept else None


def _strata(scans: Iterable[Scan]) -> str:
    """Every stratum with its values, in words."""
    found: dict[str, set[str]] = {}
    for scan in scans:
        for one in scan.sampled:
            for name, value in one.strata.items():
                found.setdefault(name, set()).add(value)
    return ", ".join(f"{name} {'/'.join(sorted(values, key=_by_number))}" for name, values in sorted(found.items()))


def _by_number(value: str) -> tuple[int, str]:
    """Factors in the order of their size; words come first, by their letters."""
    return (int(value), "") if value.isdecimal() else (-1, value)


def _recognised(relative: str, *, matchers: Mapping[str, re.Pattern[str]]) -> tuple[str, Fields | None]:
    for role, matcher in matchers.items():
        if found := matcher.fullmatch(relative):
            return role, found.groupdict()
    return "", None


def _first_folder(template: str) -> str:
    return template.partition("/")[0]


def _factor_folder(layout: Layout, factor: int) -> str:
    return filled(_first_folder(layout.kspace), {"af": str(factor)})


def _folders(*, root: Path, home: str, layout: Layout, set_name: str, family: Family) -> Iterable[str]:
    """Folders below home that the layout's files lie in, of those that exist, some twice; others are nobody's business."""
    values = {"family": family.folder, "set": set_name}
    for template in (layout.full, layout.kspace, layout.mask):
        for factor in layout.factors:
            name = filled(_first_folder(template), {**values, "af": str(factor)})
            if (root / home / name).is_dir():
                yield name
                if "{af" not in _first_folder(template):
                    break


def _spare(relative: str, *, layout: Layout, home: str) -> bool:
    return relative.startswith(f"{home}/{_first_folder(layout.full)}/") and relative.endswith("_mask.mat")


def _names(layout: Layout, family: Family) -> str:
    ends = {template.rpartition("{scan}")[2] for template in (layout.full, layout.kspace, layout.mask)} - {".mat"}
    return f"Pxxx/{family.names} (and {', '.join(sorted(ends))})"
