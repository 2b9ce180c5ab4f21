"""Masks of a class cut to their box and one voxel more, where the image has it."""

from __future__ import annotations

from evaluators.metrics.labels.pair import LabelPair, Mask


def masks_with_margin(pair: LabelPair, position: int) -> tuple[Mask, Mask]:
    """(prediction, reference) of the class at `position`; as `LabelPair.masks` where it is in neither.

    The margin keeps what the image's own edge decides: ties of the Betti matching, layers of the thinning.
    """
    box, label = pair.boxes[position], pair.classes[position]
    if box is None:
        return pair.masks(position)
    wide = tuple(
        slice(max(0, part.start - 1), min(size, part.stop + 1))
        for part, size in zip(box, pair.reference.shape, strict=True)
    )
    return pair.prediction[wide] == label, pair.reference[wide] == label
