"""The pictures of a case with label maps: the image, classes laid on it, and what a prediction missed or added."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.pictures import CLASS_COLOURS, DIFFERENCE_COLOURS, Difference
from evaluators.pictures.overlay import GREYS, hatching, laid_on, outlines, palette_of
from evaluators.pictures.sheet import Sheet, indexed_sheet
from evaluators.pictures.view import View

Labels = NDArray[np.integer[Any]]
Greys = NDArray[np.uint8]

#: of the image's values, in per cent, what is black and what is white; beyond is clipped
_BLACK, _WHITE = 0.5, 99.5


def shades(image: NDArray[Any], *, most: int = GREYS - 1) -> NDArray[np.uint8]:
    """The image from 0 (black) to `most` (white), between two percentiles of all its finite values. Of channels the first.

    image: (x, y) or (x, y, z), or with channels (x, y, z, channel).
    """
    single = (image[..., 0] if image.ndim == 4 else image).astype(np.float64)
    finite = single[np.isfinite(single)]
    low, high = np.percentile(finite, (_BLACK, _WHITE)) if finite.size else (0.0, 0.0)
    if high <= low:
        # nearly all of it has one value: what stands out decides
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    scaled = np.clip((np.nan_to_num(single, posinf=high, neginf=low) - low) / ((high - low) or 1.0), 0, 1)
    return np.rint(scaled * most).astype(np.uint8)


def draw_input(greys: Greys, *, view: View) -> Sheet:
    """greys: from `shades`."""
    return indexed_sheet(view.frames(greys), palette=palette_of(()))


def draw_classes(labels: Labels, greys: Greys, *, view: View) -> Sheet:
    """Every class tinted and outlined in its colour (`class_colour`)."""
    shown = view.frames(labels).astype(np.int64)
    colours = np.where(shown > 0, (shown - 1) % len(CLASS_COLOURS) + 1, 0).astype(np.uint8)
    places = laid_on(view.frames(greys), colours, solid=outlines(shown))
    return indexed_sheet(places, palette=palette_of(CLASS_COLOURS))


def difference(prediction: Labels, reference: Labels, *, label: int = 0) -> NDArray[np.uint8]:
    """Voxel by voxel the number of its `Difference`, 0 where neither map has anything. label: one class alone; 0: all.

    Of one class a voxel is missed, added or right; of all it has another class where both maps have one, but not the same.
    """
    if label:
        prediction, reference = prediction == label, reference == label
    there, wanted = prediction != 0, reference != 0
    found = np.zeros(reference.shape, dtype=np.uint8)
    found[wanted & ~there] = Difference.MISSED.number
    found[there & ~wanted] = Difference.ADDED.number
    both = there & wanted
    found[both & (prediction != reference)] = Difference.OTHER_CLASS.number
    found[both & (prediction == reference)] = Difference.RIGHT.number
    return found


def draw_difference(different: NDArray[np.uint8], greys: Greys, *, view: View) -> Sheet:
    """different: from `difference`. Missed is filled, added hatched, another class outlined; what is right is tinted grey."""
    shown = view.frames(different)
    solid = shown == Difference.MISSED.number
    solid |= (shown == Difference.ADDED.number) & (outlines(shown) | hatching(shown.shape))
    solid |= (shown == Difference.OTHER_CLASS.number) & outlines(shown)
    return indexed_sheet(laid_on(view.frames(greys), shown, solid=solid), palette=palette_of(DIFFERENCE_COLOURS))
