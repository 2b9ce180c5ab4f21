"""What an importer hands back."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluators.contract.datasets import DatasetManifest

_BLOCK = 2**20


@dataclass(frozen=True, kw_only=True)
class ImportedDataset:
    """A dataset version ready for upload."""

    manifest: DatasetManifest
    #: sha256 -> where the bytes lie: inputs where they were found, references in the staging folder
    files: Mapping[str, Path]
    #: sha256 -> every place of an input with these bytes, where there are several
    places: Mapping[str, Sequence[Path]] = field(default_factory=dict)


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def draw_labels(*, count: int, seed: str) -> list[str]:
    """`case 01` ... `case NN` in a seeded order that says nothing of the cases: element i is the label of case i."""
    numbers = list(range(1, count + 1))
    # a string seed would go through Python's own mixing, which may change between versions
    random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest())).shuffle(numbers)  # noqa: S311
    return [f"case {number:0{max(2, len(str(count)))}d}" for number in numbers]
