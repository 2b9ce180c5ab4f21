"""The fundus photograph that scikit-image ships, cut into pictures; its vessels are outlined by a filter, not by a person."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.topology.betti import HIGH, betti_numbers
from evaluators.phantoms.real_anatomy import inside_package
from evaluators.phantoms.topology.phantom import PICTURE, Phantom
from evaluators.phantoms.topology.space import Mask

#: of 1411 x 1411 pixels, so that vessels are two to six pixels wide
WORKING_SIZE = 353
#: half-widths of the vessel filter in pixels
SCALES = (1.0, 1.5, 2.0, 2.5)
#: percentiles of the filter's answer: a vessel holds a pixel above the second and ends below the first
ENDS, BEGINS = 88, 95
#: pixels of the smallest vessel, and of the rim of the field of view that is left out
SMALLEST, RIM = 40, 8
#: share of a picture that is vessel: those with less show next to nothing
FULL_ENOUGH = 0.04


def retina_pictures() -> list[Phantom]:
    """Pictures of 96 x 96 pixels that do not overlap, of one eye: vessels bright, betti counted on the derived mask ("high").

    The reference says where the filter sees vessels at full sharpness, so a method is judged against another method here.
    Raises RealAnatomyMissing.
    """
    image, vessels = _photograph()
    size = PICTURE.size
    starts = np.arange((WORKING_SIZE % size) // 2, WORKING_SIZE - size + 1, size)
    found = []
    for x in starts:
        for y in starts:
            cut = (slice(x, x + size), slice(y, y + size))
            mask = np.ascontiguousarray(vessels[cut])
            if mask.mean() >= FULL_ENOUGH:
                found.append(Phantom(image=image[cut].copy(), mask=mask, betti=betti_numbers(mask, connectivity=HIGH)))
    return found


@cache
def _photograph() -> tuple[NDArray[np.float32], Mask]:
    """(image, vessels), both (x, y), of the whole eye.

    Green channel, reduced; Sato's filter at four scales; hysteresis between two percentiles of its answer inside the field of
    view; pieces below SMALLEST pixels dropped.
    """
    inside_package("skimage", "data", "retina.jpg")
    skimage: Any = import_module("skimage")
    colours = skimage.data.retina() / 255
    red, green = (
        skimage.transform.resize(colours[..., channel], (WORKING_SIZE, WORKING_SIZE), anti_aliasing=True)
        for channel in (0, 1)
    )
    seen = skimage.morphology.erosion(red > 0.15, skimage.morphology.disk(RIM))
    answer = skimage.filters.sato(green, sigmas=SCALES, black_ridges=True, mode="reflect") * seen
    ends, begins = np.percentile(answer[seen], [ENDS, BEGINS])
    vessels = skimage.measure.label(skimage.filters.apply_hysteresis_threshold(answer, ends, begins), connectivity=2)
    sizes = np.bincount(vessels.ravel())
    sizes[0] = 0
    mask = (sizes >= SMALLEST)[vessels]
    return ((1 - green) * 1000).astype(np.float32).T, np.ascontiguousarray(mask.T)
