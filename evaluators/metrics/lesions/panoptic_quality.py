"""Panoptic quality: how many objects were found and how well those are outlined, in one number or apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec, Number
from evaluators.metrics.errors import MetricError
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.lesions.instances import Counts, components, overlaps, sizes
from evaluators.metrics.registry import metric

Values = NDArray[np.float64]

PQ, SQ, RQ = "pq", "sq", "rq"
IOU, DICE = "iou", "dice"
THRESHOLD = 0.5
_QUANTITIES = {
    PQ: "recognition times segmentation quality: panoptica's pq, pq_dsc",
    SQ: "segmentation quality, the mean overlap of matched objects: panoptica's sq, sq_dsc",
    RQ: "recognition quality, F1 of the objects: panoptica's rq",
}
_OVERLAPS = {
    IOU: "matched objects are compared by IoU: panoptica's sq, pq",
    DICE: "matched objects are compared by Dice, but still matched by IoU: panoptica's sq_dsc, pq_dsc",
}

PANOPTIC_QUALITY = MetricSpec(
    key="panoptic_quality",
    family=Family.LABELS,
    title="Panoptic quality",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Kirillov et al. 2019, arXiv:1801.00868; Kofler et al. 2023, arXiv:2312.02608",
    peer="panoptica.Panoptica_Evaluator, ConnectedComponentsInstanceApproximator, NaiveThresholdMatching",
    options={
        "quantity": Choice(values=_QUANTITIES),
        "overlap": Choice(values=_OVERLAPS),
        "threshold": Number(unit="IoU", default=THRESHOLD, at_most=1.0),
    },
    edge="No object in either map 1, in one of them only 0, no two objects matched 0. Objects are components of 26 neighbours "
    "in 3-D but of 4 in 2-D, as panoptica has it. An IoU that equals the threshold is a match.",
)


@metric(PANOPTIC_QUALITY)
def panoptic_quality(
    pair: LabelPair, *, quantity: str = PQ, overlap: str = IOU, threshold: float = THRESHOLD
) -> Values:
    """Quality of the single objects, one number a class.

    Pairs of predicted and reference components are matched one to one, the largest IoU first, down to `threshold`.
    RQ = matches / mean number of objects, SQ = mean overlap of the matches, PQ = RQ SQ. Returns (class,), dimensionless.
    Raises MetricError for another quantity or overlap.
    """
    for value, known in ((quantity, _QUANTITIES), (overlap, _OVERLAPS)):
        if value not in known:
            raise MetricError(f"{value!r} is not served; write one of {', '.join(known)}")
    found = np.array([_qualities(pair, position, threshold=threshold) for position in range(len(pair.classes))])
    recognition, segmentation = found[:, 0], found[:, 1 if overlap == IOU else 2]
    values: dict[str, Values] = {RQ: recognition, SQ: segmentation, PQ: recognition * segmentation}
    return values[quantity]


def _qualities(pair: LabelPair, position: int, *, threshold: float) -> tuple[float, float, float]:
    """(RQ, SQ by IoU, SQ by Dice) of one class, kept in the pair for the next quantity."""
    key = f"panoptic, {threshold}", position
    if key not in pair.shared:
        pair.shared[key] = _compare(pair, position, threshold=threshold)
    kept: tuple[float, float, float] = pair.shared[key]
    return kept


def _compare(pair: LabelPair, position: int, *, threshold: float) -> tuple[float, float, float]:
    corners = pair.reference.ndim == 3
    (predicted, predicted_count), (reference, reference_count) = (
        components(mask, corners=corners) for mask in pair.masks(position)
    )
    if not predicted_count and not reference_count:
        return 1.0, 1.0, 1.0
    common = overlaps(predicted, reference)
    both = sizes(predicted, predicted_count)[common.first] + sizes(reference, reference_count)[common.second]
    iou = common.voxels / (both - common.voxels)
    matched = _match(common.first, common.second, iou, threshold=threshold)
    if not matched.size:
        return 0.0, 0.0, 0.0
    dice = 2 * common.voxels / both
    return (
        2 * matched.size / (predicted_count + reference_count),
        float(iou[matched].mean()),
        float(dice[matched].mean()),
    )


def _match(first: Counts, second: Counts, score: Values, *, threshold: float) -> Counts:
    """Places of the pairs that are matched: the best pair first, each object once; equal scores in the order given."""
    enough = np.flatnonzero(score >= threshold)
    taken: tuple[set[int], set[int]] = (set(), set())
    chosen = []
    for place in enough[np.argsort(-score[enough], kind="stable")].tolist():
        one, other = int(first[place]), int(second[place])
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            chosen.append(place)
    return np.array(chosen, dtype=np.int64)
