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


def structures(*, seed: bytes | int, each: int, axes: int = 2, retina: bool = False, first: int = 1) -> Iterator[LabelledImage]:
    """`each` phantoms of every shape with so many axes, then the retina's pictures. Stratum: shape; a subject is one image,
    but all of the retina's are one subject. first: number of the first phantom of each shape.

    Raises RealAnatomyMissing.
    """
    space = PICTURE if axes == PICTURE.axes else VOLUME
    number = 0
    for shape in SHAPES[axes]:
        for subject in range(first, first + each):
            number += 1
            phantom = simulate(seed=seed, subject=subject, shape=shape, space=space)
            yield _case(phantom, subject=f"P{number:03d}", shape=shape)
    for picture in retina_pictures() if retina else ():
        yield _case(picture, subject=f"P{number + 1:03d}", shape=RETINA)


def _case(phantom: Phantom, *, subject: str, shape: str) -> LabelledImage:
    return LabelledImage(
        image=phantom.image,
        labels=phantom.mask.astype(np.uint8),
        affine=_AFFINE,
        subject=subject,
        strata={"shape": str(shape)},
    )


def write_topology_set(
    *,
    root: Path,
    set_name: str,
    each: int,
    seed: bytes | int,
    axes: int = 2,
    retina: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write `structures` in the layout `image-and-labels`. Returns the files. Raises RealAnatomyMissing."""
    cases = structures(seed=seed, each=each, axes=axes, retina=retina)
    return write_labelled_set(root=root, set_name=set_name, cases=cases, classes=CLASSES, progress=progress)
