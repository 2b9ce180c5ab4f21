"""A tree of files described as data: paths, variables, axes, masks and strata. What the tree, file and image code works from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType

from evaluators.importers.times import Times

#: as h5py shows them: MATLAB's (kx, ky, coil, slice, frame) reversed
AXES = ("t", "slice", "coil", "ky", "kx")
#: one code for every family: what the scorer finds in a label reference
LV, MYOCARDIUM, RV = 1, 2, 3


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """How a mask samples k-space: whole ky lines or single points; one plane for all frames, or one a frame."""

    lines: bool = True
    per_frame: bool = False
    #: the same in all frames, so that one plane is enough even where the challenge stores one a frame
    fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class Family:
    """Scans of one folder that share their form."""

    folder: str
    #: regular expression of a scan's name; its named groups can be strata
    scan: str
    #: the names in words, for a person
    names: str
    #: no frame axis: stored as (slice, coil, ky, kx)
    still: bool = False
    #: label in the challenge's own NIfTI file -> the code above; empty: no labels are looked for
    labels: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    #: a set that has labels at all must have them for every scan
    needs_labels: bool = False
    #: scan -> which times its csv holds
    times: Mapping[str, Times] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One challenge's tree for one task. Paths are templates; a placeholder stands for what `fields` says, or for a family.

    Placeholders that every layout knows: {family}, {set}, {scan}, {subject}, {af}, {pattern}.
    """

    #: goes into the manifest; a challenge's task names it
    key: str
    title: str
    families: tuple[Family, ...]
    sets: tuple[str, ...] = ("TrainingSet", "ValidationSet", "TestSet")
    #: where one set of one family lies
    home: str
    #: the start of each path that the challenge leaves out: it mounts that folder as a container's /input
    mounted: str = ""
    #: folders below home, then the file
    full: str
    kspace: str
    mask: str
    #: csv of times beside each k-space file, full sample included
    times: str | None = None
    #: csv beside the under-sampled file that is handed on where it is there
    info: str | None = None
    #: where a label map may lie, relative to the root, the first that exists counts
    labels: tuple[str, ...] = ()
    coils: bool = True
    #: MATLAB drops axes of length 1 at the end; where False every axis must be stored
    drops_ones: bool = False
    full_variables: tuple[str, ...] = ("kspace_full",)
    kspace_variable: str
    mask_variable: str
    factors: tuple[int, ...]
    patterns: Mapping[str, Pattern]
    #: central ky lines that are always sampled
    acs: int
    #: every scan comes with every factor whose folder exists
    complete: bool = False
    #: placeholder -> regular expression, besides those above; named groups inside can be strata
    fields: Mapping[str, str] = field(default_factory=_nothing)
    #: stratum -> the placeholder or named group whose text is its value
    strata: Mapping[str, str]
    #: stratum -> how that text becomes the value
    worded: Mapping[str, Callable[[str], str]] = field(default_factory=lambda: MappingProxyType({}))
    #: what tells two subjects apart
    unit: str = "{subject}"
    #: what shares one pseudonym
    group: str
    #: sheet of diseases at the root, None where there is none
    diseases: str | None = None

    def axes_of(self, family: Family) -> tuple[str, ...]:
        """Axes of its k-space as stored."""
        absent = ({"t"} if family.still else set()) | (set() if self.coils else {"coil"})
        return tuple(axis for axis in AXES if axis not in absent)

    def pattern_of(self, fields: Mapping[str, str]) -> Pattern:
        """The pattern that a path's fields name; a layout whose paths name none has one."""
        return self.patterns[fields.get("pattern", "")]

    def strata_of(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Every stratum's value for the fields of one under-sampled file."""
        found = {}
        for stratum, name in self.strata.items():
            text = str(int(fields["af"])) if name == "af" else fields[name]
            found[stratum] = self.worded.get(stratum, str)(text)
        return found

    def regex(self, template: str, *, family: Family, set_name: str) -> re.Pattern[str]:
        """What a path below the root must look like to be this template's, with its placeholders as groups."""
        known = {
            "family": re.escape(family.folder),
            "set": re.escape(set_name),
            "scan": family.scan,
            "subject": r"P\d{3}",
            "pattern": "|".join(map(re.escape, self.patterns)),
            **self.fields,
        }
        parts: list[str] = []
        seen: set[str] = set()
        for text, name, form, _ in Formatter().parse(f"{self.home}/{template}"):
            parts.append(re.escape(text))
            if name is None:
                continue
            body = "|".join(format(factor, form or "") for factor in self.factors) if name == "af" else known[name]
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{body})")
            seen.add(name)
        return re.compile("".join(parts))

    def path(self, template: str, fields: Mapping[str, str]) -> str:
        """The template's path below the root for these fields."""
        return filled(f"{self.home}/{template}", fields)


def filled(template: str, fields: Mapping[str, str]) -> str:
    """A template with its placeholders filled in; {af:02d} is a number."""
    values: dict[str, str | int] = dict(fields)
    if "af" in fields:
        values["af"] = int(fields["af"])
    return template.format(**values)
