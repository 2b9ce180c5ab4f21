"""Which layouts can be imported, by the name that the command takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from evaluators.importers import cmrxrecon2023, cmrxrecon2024, cmrxrecon2025
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.images.brats import TREES
from evaluators.importers.images.case import ImageLayout, one_image_a_case
from evaluators.importers.images.folders import DECATHLON, NNUNET
from evaluators.importers.images.importer import import_images
from evaluators.importers.images.isles import ISLES_2022
from evaluators.importers.images.sheet import SHEET
from evaluators.importers.importer import import_layout
from evaluators.importers.layout import Layout
from evaluators.importers.tree import Only, StrataOf


class Importer(Protocol):
    """One layout's importer. Raises ImportProblems."""

    def __call__(
        self,
        *,
        root: Path,
        set_name: str,
        staging: Path,
        key: str | None,
        seed: str,
        strata_of: StrataOf | None = ...,
        only: Only = ...,
    ) -> ImportedDataset: ...


#: by the key that a manifest and a challenge's task name
DESCRIBED: Mapping[str, Layout] = MappingProxyType(
    {layout.key: layout for layout in (*cmrxrecon2023.LAYOUTS, *cmrxrecon2024.LAYOUTS, *cmrxrecon2025.LAYOUTS)}
)

_TREES = tuple(tree.layout() for tree in (*TREES, ISLES_2022))
#: images with label maps; what ends with -one-image is imported as image-and-labels
IMAGES: Mapping[str, ImageLayout] = MappingProxyType(
    {layout.key: layout for layout in (SHEET, *_TREES, NNUNET, DECATHLON)}
    | {f"{layout.key}-one-image": one_image_a_case(layout) for layout in _TREES}
)

#: `cmrxrecon` is short for the first of them
LAYOUTS: Mapping[str, Importer] = MappingProxyType(
    {
        "cmrxrecon": partial(import_layout, DESCRIBED["cmrxrecon-2023"]),
        **{key: partial(import_layout, layout) for key, layout in DESCRIBED.items()},
        **{key: partial(import_images, layout) for key, layout in IMAGES.items()},
    }
)
