"""A set of heads with lesions, each in one modality that a method is not told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.brain.anatomy import Tissues, real_tissues, simulated_tissues
from evaluators.phantoms.brain.contrast import Modality, Scanner, scan
from evaluators.phantoms.brain.grid import Field, HeadGrid
from evaluators.phantoms.brain.lesions import Lesion, Parts, draw, mask
from evaluators.phantoms.labelled import LabelledImage, write_labelled_set
from evaluators.phantoms.randomness import stream

#: the one class of the label maps
CLASSES: Mapping[int, str] = MappingProxyType({1: "lesion"})


class HeadSet(StrEnum):
    """Which heads a set holds, and by which scanner."""

    #: what training sets hold as well: tumour, stroke and white-matter patches, on the scanner at home
    SEEN = "seen"
    #: the same lesions on a scanner that no training set has
    UNSEEN_SCANNER = "unseen-scanner"
    #: multiple sclerosis, which no training set has, on the scanner at home
    UNSEEN_LESION = "unseen-lesion"

    @property
    def lesions(self) -> tuple[Lesion, ...]:
        """In turn from subject to subject."""
        return (Lesion.MS,) if self is HeadSet.UNSEEN_LESION else (Lesion.TUMOUR, Lesion.STROKE, Lesion.WMH)

    @property
    def scanner(self) -> Scanner:
        """Where its volumes are taken."""
        return Scanner.AWAY if self is HeadSet.UNSEEN_SCANNER else Scanner.HOME


@dataclass(frozen=True, kw_only=True)
class Head:
    """One subject before any scan. ill: voxels that are lesion (x, y, z)."""

    grid: HeadGrid
    tissues: Tissues
    parts: Parts
    ill: NDArray[np.bool_]
    lesion: Lesion


def simulate_head(
    *, seed: bytes | int, subject: int, lesion: Lesion, real: bool = False, grid: HeadGrid | None = None
) -> Head:
    """Anatomy and lesion of one subject. real: of the MNI atlas, bent, in place of simulated tissue.

    Raises RealAnatomyMissing.
    """
    grid = grid or HeadGrid()
    rng = stream(seed, "head", subject, lesion, "real" if real else "simulated")
    tissues = (real_tissues if real else simulated_tissues)(grid=grid, rng=rng)
    parts = draw(lesion, grid=grid, tissues=tissues, rng=rng)
    return Head(grid=grid, tissues=tissues, parts=parts, ill=mask(parts), lesion=lesion)


def scan_head(*, head: Head, modality: Modality, scanner: Scanner, seed: bytes | int, subject: int) -> Field:
    """One volume (x, y, z) of the head, float32; the noise and shading of each modality are its own."""
    rng = stream(seed, "head scan", subject, modality, scanner)
    return scan(modality=modality, tissues=head.tissues, parts=head.parts, grid=head.grid, scanner=scanner, rng=rng)


def heads(
    *, seed: bytes | int, subjects: int, real: int, heads_of: HeadSet = HeadSet.SEEN, first: int = 1
) -> Iterator[LabelledImage]:
    """One image a subject: `subjects` simulated heads, then `real` of the atlas; lesions and modalities take turns.

    No head comes twice. Two images of one head share its outline, by which a method could find them among all that it gets
    and put together what a challenge of one image a case holds apart.

    first: number of the first subject. Strata: modality, lesion, anatomy. Raises RealAnatomyMissing.
    """
    modalities = tuple(Modality)
    for number in range(first, first + subjects + real):
        atlas = number >= first + subjects
        # three lesions and five modalities have no common divisor: 15 subjects are every lesion in every modality once
        lesion = heads_of.lesions[number % len(heads_of.lesions)]
        modality = modalities[number % len(modalities)]
        head = simulate_head(seed=seed, subject=number, lesion=lesion, real=atlas)
        yield LabelledImage(
            image=scan_head(head=head, modality=modality, scanner=heads_of.scanner, seed=seed, subject=number),
            labels=head.ill.astype(np.uint8),
            affine=head.grid.affine,
            subject=f"P{number:03d}",
            strata={"modality": modality, "lesion": lesion, "anatomy": "real" if atlas else "phantom"},
        )


def write_head_set(
    *,
    root: Path,
    set_name: str,
    subjects: int,
    real: int,
    seed: bytes | int,
    heads_of: HeadSet = HeadSet.SEEN,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write `heads` in the layout `image-and-labels`, one case a subject. Returns the files. Raises RealAnatomyMissing."""
    cases = heads(seed=seed, subjects=subjects, real=real, heads_of=heads_of)
    return write_labelled_set(root=root, set_name=set_name, cases=cases, classes=CLASSES, progress=progress)
