"""Simulated data for a challenge: phantom subjects, and after them scans of real MR images and of restless subjects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assay_kit.errors import WrongUsage
from assay_kit.layouts import check_set_name
from evaluators.phantoms.brain.heads import HeadSet, write_head_set
from evaluators.phantoms.cine import write_cine_set
from evaluators.phantoms.errors import PhantomError, RealAnatomyMissing
from evaluators.phantoms.mapping import write_mapping_set
from evaluators.phantoms.motion import Motion
from evaluators.phantoms.real_anatomy import write_real_anatomy_set
from evaluators.phantoms.sizes import DEMO, CineSize, Weighting
from evaluators.phantoms.topology.challenge import write_topology_set

#: a shorter secret could be guessed, and the hidden set simulated again by anyone
SHORTEST_SECRET = 16


class ScanKind(StrEnum):
    """What is simulated; mapping is both T1map and T2map, brain heads with lesions in five modalities,
    topology thin structures in pictures or volumes."""

    CINE = "cine"
    MAPPING = "mapping"
    T1MAP = "T1map"
    T2MAP = "T2map"
    BRAIN = "brain"
    BRAIN_UNSEEN_SCANNER = "brain-unseen-scanner"
    BRAIN_UNSEEN_LESION = "brain-unseen-lesion"
    TOPOLOGY_PICTURES = "topology-pictures"
    TOPOLOGY_VOLUMES = "topology-volumes"

    @property
    def heads(self) -> HeadSet | None:
        """Which heads; None for anything else."""
        kinds: Mapping[ScanKind, HeadSet] = {
            ScanKind.BRAIN: HeadSet.SEEN,
            ScanKind.BRAIN_UNSEEN_SCANNER: HeadSet.UNSEEN_SCANNER,
            ScanKind.BRAIN_UNSEEN_LESION: HeadSet.UNSEEN_LESION,
        }
        return kinds.get(self)

    @property
    def structure_axes(self) -> int | None:
        """How many axes images of thin structures have; None for anything else."""
        kinds: Mapping[ScanKind, int] = {ScanKind.TOPOLOGY_PICTURES: 2, ScanKind.TOPOLOGY_VOLUMES: 3}
        return kinds.get(self)

    @property
    def labelled(self) -> bool:
        """Whether it is images with label maps, not scans of the heart."""
        return self.heads is not None or self.structure_axes is not None

    @property
    def weightings(self) -> tuple[Weighting, ...]:
        """Of a mapping scan; none for others."""
        kinds: Mapping[ScanKind, tuple[Weighting, ...]] = {
            ScanKind.MAPPING: tuple(Weighting),
            ScanKind.T1MAP: (Weighting.T1,),
            ScanKind.T2MAP: (Weighting.T2,),
        }
        return kinds.get(self, ())


@dataclass(frozen=True, kw_only=True)
class PhantomSet:
    """What to simulate. Subjects 1 to `subjects` are phantoms, the next `real` ones have real anatomy, then restless phantoms."""

    set_name: str
    subjects: int
    real: int
    #: None: the scan's own
    size: CineSize | None = None
    scan: ScanKind = ScanKind.CINE
    single_coil: bool = False
    free_breathing: int = 0
    arrhythmia: int = 0

    def __post_init__(self) -> None:
        check_set_name(self.set_name)
        restless = self.free_breathing or self.arrhythmia
        if self.scan.labelled and (restless or self.single_coil or self.size):
            raise WrongUsage(
                f"--scan {self.scan} has images of one size, without coils or frames",
                next="leave --size, --single-coil, --free-breathing and --arrhythmia out",
            )
        eyes = 1 if self.scan.structure_axes == 2 else 0
        if self.scan.structure_axes is not None and self.real > eyes:
            raise WrongUsage(
                f"--real {self.real} with --scan {self.scan}",
                next="write --real 1 for the one retina that there is"
                if eyes
                else "leave --real out, there is no real volume",
            )
        if self.scan.weightings and (self.real or restless):
            raise WrongUsage(
                f"--scan {self.scan} has phantoms alone",
                next="leave --real, --free-breathing and --arrhythmia out, they are for cine",
            )

    @property
    def layout(self) -> str:
        """The layout that the set is written in."""
        if self.scan.labelled:
            return "image-and-labels"
        if self.scan is ScanKind.CINE:
            return "cmrxrecon-2023-single" if self.single_coil else "cmrxrecon"
        return "cmrxrecon-2023-mapping-single" if self.single_coil else "cmrxrecon-2023-mapping"

    @property
    def restless(self) -> tuple[tuple[Motion, int, int], ...]:
        """(motion, first subject, how many) of those who do not hold still."""
        first = self.subjects + self.real + 1
        return (
            (Motion.FREE_BREATHING, first, self.free_breathing),
            (Motion.ARRHYTHMIA, first + self.free_breathing, self.arrhythmia),
        )

    def strata(self, subject: str) -> Mapping[str, str]:
        """The strata of a subject named like P003: anatomy, and motion in a set that has any; labelled images say theirs themselves."""
        if self.scan.labelled:
            return {}
        number = int(re.sub(r"\D", "", subject))
        real = self.subjects < number <= self.subjects + self.real
        found = {"anatomy": "real" if real else "phantom"}
        if self.free_breathing or self.arrhythmia:
            moving = (motion for motion, first, count in self.restless if first <= number < first + count)
            found["motion"] = next(moving, Motion.BREATH_HOLD)
        return found


def parse_size(text: str | None) -> CineSize | None:
    """`96x72x8x2x8` as readout, phase encoding, coils, slices, frames; None as it is. Raises WrongUsage."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)x(\d+)x(\d+)x(\d+)x(\d+)", text)
    if found is None:
        raise WrongUsage(f"--size {text!r}", next="write NXxNYxCOILSxSLICESxFRAMES, like 96x72x8x2x8")
    nx, ny, coils, slices, frames = map(int, found.groups())
    try:
        return CineSize(nx=nx, ny=ny, coils=coils, slices=slices, frames=frames)
    except PhantomError as error:
        raise WrongUsage(str(error), code="IMPOSSIBLE_SIZE") from error


def parse_scan(text: str) -> ScanKind:
    """Raises WrongUsage for a word that names no scan."""
    try:
        return ScanKind(text)
    except ValueError:
        raise WrongUsage(f"--scan {text!r}", next=f"write one of {', '.join(ScanKind)}") from None


def write_phantoms(*, root: Path, seed: bytes, wanted: PhantomSet, told: Callable[[str], None]) -> list[Path]:
    """Write the set below `root`; `told` hears a line a subject. Raises WrongUsage without the packages of real images."""
    try:
        return _write(root=root, seed=seed, wanted=wanted, told=told)
    except RealAnatomyMissing as error:
        fix = "pip install 'assay-platform[phantoms]'"
        raise WrongUsage(str(error), code="MISSING_EXTRA", next=fix) from error


def _write(*, root: Path, seed: bytes, wanted: PhantomSet, told: Callable[[str], None]) -> list[Path]:
    name, size, single = wanted.set_name, wanted.size or DEMO, wanted.single_coil
    if wanted.scan.heads is not None:
        return write_head_set(
            root=root,
            set_name=name,
            subjects=wanted.subjects,
            real=wanted.real,
            seed=seed,
            heads_of=wanted.scan.heads,
            progress=told,
        )
    if wanted.scan.structure_axes is not None:
        return write_topology_set(
            root=root,
            set_name=name,
            subjects=wanted.subjects,
            seed=seed,
            axes=wanted.scan.structure_axes,
            retina=bool(wanted.real),
            progress=told,
        )
    if wanted.scan is not ScanKind.CINE:
        return write_mapping_set(
            root=root,
            set_name=name,
            subjects=wanted.subjects,
            seed=seed,
            size=size,
            weightings=wanted.scan.weightings,
            single_coil=single,
            progress=told,
        )
    paths = write_cine_set(
        root=root,
        set_name=name,
        subjects=wanted.subjects,
        seed=seed,
        size=size,
        single_coil=single,
        progress=told,
    )
    if wanted.real:
        paths += write_real_anatomy_set(
            root=root,
            set_name=name,
            subjects=wanted.real,
            seed=seed,
            size=size,
            first=wanted.subjects + 1,
            single_coil=single,
            progress=told,
        )
    for motion, first, count in wanted.restless:
        paths += write_cine_set(
            root=root,
            set_name=name,
            subjects=count,
            seed=seed,
            size=size,
            first=first,
            motion=motion,
            single_coil=single,
            progress=told,
        )
    return paths
