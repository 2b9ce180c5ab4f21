"""Trees in which every case has a folder and every file a name that says what it is, described as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from evaluators.contract.datasets import NAME
from evaluators.importers.images.case import Found, ImageCase, ImageLayout, Input
from evaluators.importers.problems import Problem


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Paths are templates below the root; {case} stands for the name of a case's folder."""

    key: str
    title: str
    #: regular expression of a case's folder, with the group `subject` and others that can be strata
    folder: str
    #: such a name, for a person
    example: str
    #: modality -> image, the first one on the label map's grid
    images: Mapping[str, str]
    #: modalities on a grid of their own
    elsewhere: frozenset[str] = frozenset()
    labels: str
    #: label -> what it marks, without background
    classes: Mapping[int, str]
    #: stratum -> group of `folder`
    strata: Mapping[str, str] = field(default_factory=_nothing)

    def layout(self) -> ImageLayout:
        """As the registry has it."""
        return ImageLayout(key=self.key, title=self.title, find=self.find)

    def find(self, root: Path, set_name: str) -> Found:
        """Every case of the root; these trees keep one set a folder, so that `set_name` says nothing."""
        del set_name
        folders = sorted(path.name for path in root.iterdir() if path.is_dir())
        matches = [found for name in folders if (found := re.fullmatch(self.folder, name))]
        if not matches:
            wanted = f"a folder a case, such as {self.example}"
            return Found(problems=[Problem(path=".", wanted=wanted, found="none")])
        return Found(cases=[self._case(found) for found in matches], labels={0: "background", **dict(self.classes)})

    def _case(self, found: re.Match[str]) -> ImageCase:
        name = found[0]
        return ImageCase(
            unit=found["subject"],
            group=name,
            inputs=tuple(
                Input(
                    path=template.format(case=name),
                    shown=template.format(case=NAME),
                    modality=modality,
                    on_grid=modality not in self.elsewhere,
                )
                for modality, template in self.images.items()
            ),
            labels=self.labels.format(case=name),
            strata={stratum: found[group] for stratum, group in self.strata.items()},
        )
