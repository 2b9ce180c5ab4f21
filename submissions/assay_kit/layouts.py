"""Folders of data in layouts that organisers already have: read, checked file by file, and turned into cases."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay_kit.errors import AnswerIsNo, WrongUsage
from assay_kit.suggest import did_you_mean

if TYPE_CHECKING:
    from evaluators.contract.datasets import DatasetManifest
    from evaluators.importers.dataset import ImportedDataset
    from evaluators.importers.tree import Only, StrataOf


#: what every file system and every path on the site takes
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class DatasetInvalid(AnswerIsNo):
    """Something in the folder is not as the layout wants it. `problems`: path, variable, wanted, found; `good`: the number of good files."""

    def __init__(self, *, message: str, problems: Sequence[Mapping[str, str | None]], good: int) -> None:
        super().__init__(message, code="DATASET_INVALID", next="mend or remove these files, then try again")
        self.problems = problems
        self.good = good


def label_seed(*, key: str | None, dataset: str) -> str:
    """What shuffles the fixed case labels: with a key nobody outside can undo it, and a second try gives the same labels."""
    return hashlib.sha256(f"labels\0{dataset}\0{key or ''}".encode()).hexdigest()


def parse_only(words: Sequence[str]) -> Only:
    """`["af=4", "af=8", "view=sax"]` as stratum -> values. Raises WrongUsage."""
    chosen: dict[str, set[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise WrongUsage(f"--only {word!r}", next="write STRATUM=VALUE, like af=4")
        chosen.setdefault(name, set()).add(value)
    return {name: frozenset(values) for name, values in chosen.items()}


def check_set_name(name: str) -> str:
    """`name` if it is one folder's name: with a slash or `..` files would be read, or written, beside the tree. Raises WrongUsage."""
    if _PLAIN_NAME.fullmatch(name) is None:
        raise WrongUsage(
            f"--set {name!r} is no plain folder name",
            next="write a name of letters, digits, dots, hyphens and underscores, like TestSet",
        )
    return name


def count_parts(manifest: DatasetManifest) -> Mapping[str, int]:
    """How many cases have what a score may need besides the image, times and labels, where the layout can have them."""
    from evaluators.contract.datasets import reference_parts  # noqa: PLC0415
    from evaluators.importers.registry import DESCRIBED  # noqa: PLC0415

    if manifest.layout not in DESCRIBED:
        return {}
    families = DESCRIBED[manifest.layout].families
    counts = {
        name: 0
        for name, possible in (
            ("times", any(family.times for family in families)),
            ("label", any(family.labels for family in families)),
        )
        if possible
    }
    for case in manifest.cases:
        held = reference_parts([file.path for file in case.references])
        counts = {name: count + (name in held) for name, count in counts.items()}
    return counts


def read_layout(
    *,
    layout: str,
    root: Path,
    set_name: str,
    staging: Path,
    key: str | None,
    seed: str,
    strata_of: StrataOf | None = None,
    only: Only | None = None,
    inputs_given_out: bool = False,
) -> ImportedDataset:
    """Read the folder `root` as `layout`; references, sealed with `key` where there is one, are written below `staging`.

    only: stratum -> the values that are wanted. inputs_given_out: every case keeps its name in this folder.

    Raises WrongUsage for an unknown layout, folder or form of set_name, DatasetInvalid with every bad file.
    """
    from evaluators.importers import LAYOUTS  # noqa: PLC0415 - h5py and numpy take 0.3 s to load
    from evaluators.importers.given_out import given_out  # noqa: PLC0415
    from evaluators.importers.problems import ImportProblems  # noqa: PLC0415

    if layout not in LAYOUTS:
        near = did_you_mean(layout, list(LAYOUTS))
        known = f"known: {', '.join(sorted(LAYOUTS))}"
        raise WrongUsage(f"there is no layout {layout!r}", code="LAYOUT_UNKNOWN", next=f"{near} {known}".strip())
    check_set_name(set_name)
    if not root.is_dir():
        raise WrongUsage(f"there is no folder {root}")
    try:
        imported = LAYOUTS[layout](
            root=root, set_name=set_name, staging=staging, key=key, strata_of=strata_of, seed=seed, only=only or {}
        )
        return given_out(imported) if inputs_given_out else imported
    except ImportProblems as problems:
        raise DatasetInvalid(
            message=str(problems),
            problems=[
                {"path": one.path, "variable": one.variable, "wanted": one.wanted, "found": one.found}
                for one in problems.problems
            ],
            good=problems.good,
        ) from problems
