"""What every tree of images comes down to: cases with their files, and which labels their maps may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from evaluators.contract.datasets import NAME
from evaluators.importers.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Input:
    """An image that the container sees."""

    #: relative to the root that was given
    path: str
    #: below /input, with {name} for the pseudonym
    shown: str
    modality: str = ""
    #: whether its voxels are those of the label map; False: on a grid of its own, of which nothing is asked
    on_grid: bool = True


@dataclass(frozen=True, kw_only=True)
class ImageCase:
    """One row of scores. The first input lies on the label map's grid and is what the output mirrors."""

    unit: str
    group: str
    inputs: tuple[Input, ...]
    labels: str
    strata: Mapping[str, str]

    @property
    def files(self) -> list[str]:
        """Every file that must be there."""
        return [*(one.path for one in self.inputs), self.labels]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a set has by the names of its files, and what is wrong with these."""

    cases: list[ImageCase] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: label -> name, 0 among them; None: nothing says which there are
    labels: Mapping[int, str] | None = None


#: (root, set) -> its cases
Find = Callable[[Path, str], Found]


@dataclass(frozen=True, kw_only=True)
class ImageLayout:
    """One way in which challenges lay out images and label maps."""

    #: goes into the manifest; a challenge's task names it
    key: str
    title: str
    find: Find


#: the layout of one image a case under a name that says nothing
PLAIN = "image-and-labels"
PLAIN_NAME = f"{NAME}/image.nii.gz"


def one_image_a_case(layout: ImageLayout) -> ImageLayout:
    """The same tree with every image on the label map's grid as a case of its own, its modality hidden: a stratum."""

    def find(root: Path, set_name: str) -> Found:
        whole = layout.find(root, set_name)
        cases = [
            replace(
                case,
                group=f"{case.group}/{one.modality}",
                inputs=(replace(one, shown=PLAIN_NAME),),
                strata={**case.strata, "modality": one.modality},
            )
            for case in whole.cases
            for one in case.inputs
            if one.on_grid
        ]
        return replace(whole, cases=cases)

    return ImageLayout(key=PLAIN, title=f"{layout.title}, one image a case", find=find)
