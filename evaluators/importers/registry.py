"""Which layouts can be imported, by the name that the command takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from evaluators.importers.cmrxrecon2023 import import_cmrxrecon_2023
from evaluators.importers.cmrxrecon2023_tree import StrataOf
from evaluators.importers.dataset import ImportedDataset


class Importer(Protocol):
    """One layout's importer. Raises ImportProblems."""

    def __call__(
        self, *, root: Path, set_name: str, staging: Path, key: str | None, strata_of: StrataOf | None, seed: str
    ) -> ImportedDataset: ...


LAYOUTS: Mapping[str, Importer] = MappingProxyType({"cmrxrecon": import_cmrxrecon_2023})
