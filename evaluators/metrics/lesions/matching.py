"""Which predicted components belong to which reference lesion: everything that touches the grown lesion, as in BraTS 2023."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.lesions.dilation import dilate
from evaluators.metrics.lesions.instances import Counts, Mask, Numbers, components, overlaps, sizes
from evaluators.metrics.lesions.rules import rule_named


@dataclass(frozen=True, kw_only=True, eq=False)
class LesionMatch:
    """One class: its reference lesions, its predicted components, and which of these touch which lesion."""

    #: numbered from 1 on, both (x, y) or (x, y, z), cut to where the class is
    lesions: Numbers
    predicted: Numbers
    #: voxels of each lesion and of each predicted component; place 0 is background
    lesion_sizes: Counts
    predicted_sizes: Counts
    #: numbers of the lesions that are not too small to count
    counted: Counts
    #: pairs that touch, ordered by lesion
    touched_lesion: Counts
    touching_component: Counts

    @property
    def false_positives(self) -> int:
        """Predicted components, of any size, that touch no lesion, not even one that is too small to count."""
        return int(self.predicted_sizes.size - 1 - np.unique(self.touching_component).size)

    @cached_property
    def found(self) -> NDArray[np.bool_]:
        """(counted lesion,) whether any predicted component touches it."""
        return np.isin(self.counted, self.touched_lesion)

    @property
    def dice(self) -> NDArray[np.float64]:
        """(counted lesion,) Dice of the lesion and all components that touch it; 0 where none does."""
        places = self.lesion_sizes.size
        touching = np.bincount(
            self.touched_lesion, weights=self.predicted_sizes[self.touching_component], minlength=places
        )
        # a component with a voxel in a lesion touches it
        common = np.bincount(self.lesions[self.predicted != 0], minlength=places)
        common[0] = 0
        found: NDArray[np.float64] = (2 * common / np.maximum(self.lesion_sizes + touching, 1))[self.counted]
        return found

    def components_of(self, lesion: int) -> Counts:
        """Numbers of the predicted components that touch it."""
        start, stop = np.searchsorted(self.touched_lesion, [lesion, lesion + 1])
        return self.touching_component[start:stop]


def lesion_matches(pair: LabelPair, *, rule: str) -> tuple[LesionMatch, ...]:
    """Of every class, in the pair's order; kept in the pair for the next metric. Raises MetricError for another rule."""
    return tuple(_match(pair, position, rule=rule) for position in range(len(pair.classes)))


def _match(pair: LabelPair, position: int, *, rule: str) -> LesionMatch:
    key = f"lesions, {rule}", position
    if key not in pair.shared:
        dilation = rule_named(rule).dilation
        masks = pair.masks(position, margin=dilation)
        pair.shared[key] = _match_masks(*masks, spacing=pair.spacing, rule=rule)
    kept: LesionMatch = pair.shared[key]
    return kept


def _match_masks(prediction: Mask, reference: Mask, *, spacing: tuple[float, ...], rule: str) -> LesionMatch:
    asked = rule_named(rule)
    grown, count = components(dilate(reference, voxels=asked.dilation), corners=True)
    predicted, predicted_count = components(prediction, corners=True)
    # growing one joined lesion by itself gives just its component of the grown mask: no lesion needs a pass of its own
    touching = overlaps(grown, predicted)
    lesions = np.where(reference, grown, 0)
    lesion_sizes = sizes(lesions, count)
    # one factor after the other, as the peer does: the rounding decides where a volume meets the limit
    volumes = lesion_sizes.astype(np.float64)
    for step in spacing:
        volumes = volumes * step
    volumes[0] = 0
    return LesionMatch(
        lesions=lesions,
        predicted=predicted,
        lesion_sizes=lesion_sizes,
        predicted_sizes=sizes(predicted, predicted_count),
        counted=np.flatnonzero(volumes > asked.ignored_mm3),
        touched_lesion=touching.first,
        touching_component=touching.second,
    )
