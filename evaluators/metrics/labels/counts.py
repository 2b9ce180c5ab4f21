"""How many voxels of a class each map has and how many both have: all that overlap and volume need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluators.metrics.labels.pair import LabelPair


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Voxels of one class."""

    prediction: int
    reference: int
    shared: int


def class_counts(pair: LabelPair) -> tuple[Counts, ...]:
    """Of every class, in the pair's order; kept in the pair for the next metric."""
    return tuple(_counts(pair, position) for position in range(len(pair.classes)))


def _counts(pair: LabelPair, position: int) -> Counts:
    key = "counts", position
    if key not in pair.shared:
        prediction, reference = pair.masks(position)
        pair.shared[key] = Counts(
            prediction=int(np.count_nonzero(prediction)),
            reference=int(np.count_nonzero(reference)),
            shared=int(np.count_nonzero(prediction & reference)),
        )
    kept: Counts = pair.shared[key]
    return kept
