"""Sets of pictures or volumes for the challenge `topology`: every shape, and the real retina beside the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from evaluators.phantoms.labelled import LabelledImage, write_labelled_set
from evaluators.phantoms.topology.phantom import PICTURE, SHAPES, VOLUME, Phantom, simulate
from evaluators.phantoms.topology.retina import retina_pictures

#: the one class of the label maps
CLASSES: Mapping[int, str] = MappingProxyType({1: "structure"})
#: stratum of the retina's pictures, and the one person whose eye it is
RETINA = "retina"
#: voxels of 1 mm along each axis, as far as anybody needs to know
_AFFINE = np.eye(4)


def structures(
    *, seed: bytes | int, subjects: int, axes: int = 2, retina: bool = False, first: int = 1
) -> Iterator[LabelledImage]:
    """`subjects` phantoms whose shapes take turns, then the retina's pictures, all of one subject. Stratum: shape.

    first: number of the first subject. Raises RealAnatomyMissing.
    """
    space = PICTURE if axes == PICTURE.axes else VOLUME
    for number in range(first, first + subjects):
        shape = SHAPES[axes][number % len(SHAPES[axes])]
        yield _case(simulate(seed=seed, subject=number, shape=shape, space=space), number=number, shape=shape)
    for picture in retina_pictures() if retina else ():
        yield _case(picture, number=first + subjects, shape=RETINA)


def _case(phantom: Phantom, *, number: int, shape: str) -> LabelledImage:
    return LabelledImage(
        image=phantom.image,
        labels=phantom.mask.astype(np.uint8),
        affine=_AFFINE,
        subject=f"P{number:03d}",
        strata={"shape": str(shape)},
    )


def write_topology_set(
    *,
    root: Path,
    set_name: str,
    subjects: int,
    seed: bytes | int,
    axes: int = 2,
    retina: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write `structures` in the layout `image-and-labels`. Returns the files. Raises RealAnatomyMissing."""
    cases = structures(seed=seed, subjects=subjects, axes=axes, retina=retina)
    return write_labelled_set(root=root, set_name=set_name, cases=cases, classes=CLASSES, progress=progress)
