"""Betti matching error: features of prediction and reference that have no counterpart in the other one's place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Choice, Family, MetricSpec
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.registry import metric
from evaluators.metrics.topology.betti import CONNECTIVITY, LOW, Mask, betti_numbers
from evaluators.metrics.topology.betti_error import MISSING, MISSING_RULE
from evaluators.metrics.topology.cells import PREDICTION, REFERENCE, UNION, Cells, covered_by, spanned_by
from evaluators.metrics.topology.loop_kernels import filling_squares, loops_filled
from evaluators.metrics.topology.matching_kernels import find_rooms, match_pieces, match_rooms

INDUCED, MEETING = "induced", "meeting"
#: boxes with more voxels (256x256x256) are not matched: some 45 bytes a voxel are needed
LARGEST = 2**24
#: rows added in the reduction of one mask's loops, some 15 s; smooth masks of 256x256x256 voxels need a third of it
MOST_STEPS = 2**27

BETTI_MATCHING = MetricSpec(
    key="betti_matching",
    family=Family.LABELS,
    title="Betti matching error",
    unit="1",
    better=Better.LOWER,
    bounds=(0.0, None),
    worst=MISSING,
    source="Stucki et al. 2023, arXiv:2211.15272; Stucki et al. 2024, arXiv:2407.04683; Bauer and Schmahl 2023 (image "
    "persistence), arXiv:2201.04170",
    peer="nstucki/Betti-Matching-3D @50d7379 on 1 - mask, plus 1 where exactly one mask is empty (connectivity low)",
    options={
        "connectivity": CONNECTIVITY,
        "pieces": Choice(
            values={
                INDUCED: "as the peer: the oldest piece of each mask is matched with the other's wherever it lies, the "
                "others where they end at the same place while the union grows",
                MEETING: "a piece of each mask is matched where both lie in one piece of the union; no peer has it",
            }
        ),
    },
    edge="Both masks empty 0, one empty all features of the other; equal masks 0. Between equally good matches the peer's order "
    "of cells decides, so that flipping an image may change the value a little. "
    f"Where a prediction spreads a class over a box of more than {LARGEST} voxels all features count as unmatched; in three axes "
    f"loops do whose reduction takes more than {MOST_STEPS} steps. {MISSING_RULE}",
)


@metric(BETTI_MATCHING)
def betti_matching(pair: LabelPair, *, connectivity: str = LOW, pieces: str = INDUCED) -> NDArray[np.float64]:
    """Unmatched pieces, loops and cavities of prediction and reference, one number a class.

    sum over d of b_d(prediction) + b_d(reference) - 2 matched_d, matched by the induced matching of the two masks'
    persistence in that of their union: each mask is the first step of a filtration whose second is the whole box.
    Never less than betti_error; sees right counts in wrong places. Returns (class,), dimensionless.
    Raises UndefinedMetric where the reference alone fills a larger box than can be matched.
    """
    values = np.zeros(len(pair.classes))
    for position in range(len(pair.classes)):
        # the image's own edge decides ties
        prediction, reference = pair.masks(position, margin=1)
        values[position] = sum(unmatched_features(prediction, reference, connectivity=connectivity, pieces=pieces))
    return values


def unmatched_features(
    prediction: Mask, reference: Mask, *, connectivity: str = LOW, pieces: str = INDUCED
) -> tuple[int, ...]:
    """How many features of each dimension are unmatched: (pieces, loops) in two axes, (pieces, loops, cavities) in three.

    prediction, reference: the same shape. Raises UndefinedMetric, MetricError.
    """
    features = [betti_numbers(mask, connectivity=connectivity) for mask in (prediction, reference)]
    if (prediction == reference).all():
        return (0,) * prediction.ndim
    matched = _count_matches(
        prediction,
        reference,
        # nothing can be matched in a dimension in which one of the masks has nothing
        most=[min(numbers) for numbers in zip(*features, strict=True)],
        connectivity=connectivity,
        pieces=pieces,
    )
    return tuple(ours + theirs - 2 * both for ours, theirs, both in zip(*features, matched, strict=True))


def _count_matches(
    prediction: Mask, reference: Mask, *, most: list[int], connectivity: str, pieces: str
) -> tuple[int, ...]:
    if not any(most):
        return (0,) * prediction.ndim
    if prediction.size > LARGEST:
        _check_extent(reference)
        return (0,) * prediction.ndim
    flat = prediction.ndim == 2
    volumes = (prediction[..., None], reference[..., None]) if flat else (prediction, reference)
    cells = (spanned_by if connectivity == LOW else covered_by)(*volumes)
    besides, meeting = match_pieces(cells.vertices, cells.edges, *cells.strides)
    in_dimension_0 = 1 + besides if pieces == INDUCED else meeting
    if flat:
        return in_dimension_0, _match_holes(cells) if most[1] else 0
    return in_dimension_0, _match_loops(cells) if most[1] else 0, _match_cavities(cells) if most[2] else 0


def _check_extent(reference: Mask) -> None:
    filled = [
        np.flatnonzero(reference.any(axis=tuple(set(range(reference.ndim)) - {axis}))) for axis in range(reference.ndim)
    ]
    voxels = int(np.prod([places[-1] - places[0] + 1 for places in filled]))
    if voxels > LARGEST:
        raise UndefinedMetric(
            f"the reference fills a box of {voxels} voxels; Betti matching takes {LARGEST}: crop or resample it"
        )


def _match_holes(cells: Cells) -> int:
    """In two axes: an edge along x parts the squares on its two sides in y."""
    rooms = np.ascontiguousarray(cells.squares[2::3])
    stride_x, stride_y = cells.strides
    return _match_top(rooms, cells.edges, np.array([stride_y, stride_x, -1]))


def _match_cavities(cells: Cells) -> int:
    return _match_top(cells.cubes, cells.squares, np.array([*cells.strides, 1]))


def _match_top(rooms: NDArray[np.uint8], walls: NDArray[np.uint8], strides: NDArray[np.int64]) -> int:
    return int(match_rooms(rooms, *(find_rooms(rooms, walls, strides, bit) for bit in (UNION, PREDICTION, REFERENCE))))


def _match_loops(cells: Cells) -> int:
    strides = np.array([*cells.strides, 1])
    order = filling_squares(cells.cubes, cells.squares, strides)
    late = (cells.squares & UNION == 0).view(np.uint8)
    filled = []
    for bit in (PREDICTION, REFERENCE):
        kept = (cells.edges & bit == 0).view(np.uint8)
        found, steps = loops_filled(order, late, kept, strides, MOST_STEPS)
        if steps > MOST_STEPS or not found.size:
            return 0
        filled.append(found)
    return len(np.intersect1d(filled[0], filled[1], assume_unique=True))
