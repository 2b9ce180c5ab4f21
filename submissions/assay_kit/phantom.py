"""Simulated cine data for a challenge: phantom subjects, and after them scans made from real MR images."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay_kit.errors import WrongUsage
from evaluators.phantoms.cine import write_cine_set
from evaluators.phantoms.errors import PhantomError, RealAnatomyMissing
from evaluators.phantoms.real_anatomy import write_real_anatomy_set
from evaluators.phantoms.sizes import DEMO, CineSize

#: the layout that phantoms are written in
LAYOUT = "cmrxrecon"
#: a shorter secret could be guessed, and the hidden set simulated again by anyone
SHORTEST_SECRET = 16


@dataclass(frozen=True, kw_only=True)
class PhantomSet:
    """What to simulate. Subjects 1 to `subjects` are phantoms, the next `real` ones have real anatomy."""

    set_name: str
    subjects: int
    real: int
    size: CineSize

    def anatomy(self, subject: str) -> Mapping[str, str]:
        """The stratum of a subject named like P003."""
        number = int(re.sub(r"\D", "", subject))
        return {"anatomy": "phantom" if number <= self.subjects else "real"}


def parse_size(text: str | None) -> CineSize:
    """`96x72x8x2x8` as readout, phase encoding, coils, slices, frames; the demo's size without. Raises WrongUsage."""
    if text is None:
        return DEMO
    found = re.fullmatch(r"(\d+)x(\d+)x(\d+)x(\d+)x(\d+)", text)
    if found is None:
        raise WrongUsage(f"--size {text!r}", next="write NXxNYxCOILSxSLICESxFRAMES, like 96x72x8x2x8")
    nx, ny, coils, slices, frames = map(int, found.groups())
    try:
        return CineSize(nx=nx, ny=ny, coils=coils, slices=slices, frames=frames)
    except PhantomError as error:
        raise WrongUsage(str(error), code="IMPOSSIBLE_SIZE") from error


def write_phantoms(*, root: Path, seed: bytes, wanted: PhantomSet, told: Callable[[str], None]) -> list[Path]:
    """Write the set below `root`; `told` hears a line a subject. Raises WrongUsage without the packages of real images."""
    paths = write_cine_set(
        root=root, set_name=wanted.set_name, subjects=wanted.subjects, seed=seed, size=wanted.size, progress=told
    )
    if not wanted.real:
        return paths
    try:
        real = write_real_anatomy_set(
            root=root,
            set_name=wanted.set_name,
            subjects=wanted.real,
            seed=seed,
            size=wanted.size,
            first=wanted.subjects + 1,
            progress=told,
        )
    except RealAnatomyMissing as error:
        raise WrongUsage(str(error), code="MISSING_EXTRA", next="pip install 'assay-platform[phantoms]'") from error
    return paths + real
