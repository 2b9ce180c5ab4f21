"""Faults of drawn masks whose answer is known, and that extra less missing is the difference of the Betti numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from evaluators.metrics.errors import MetricError
from evaluators.metrics.topology.betti import HIGH, LOW, betti_numbers
from evaluators.metrics.topology.faults import Cause, Fault, Feature, feature_counts, find_faults
from tests.unit.evaluators.metrics.topology.drawings import RING, masks, picture, shell


def told(prediction, reference, *, connectivity: str = HIGH) -> list[tuple[Feature, bool, Cause, tuple[int, ...]]]:
    faults = find_faults(prediction, reference, connectivity=connectivity).listed
    return [(fault.feature, fault.extra, fault.cause, fault.voxel) for fault in faults]


def test_equal_masks_have_no_fault() -> None:
    assert told(RING, RING) == []
    assert told(np.zeros((0, 0), dtype=bool), np.zeros((0, 0), dtype=bool)) == []


def test_a_vessel_that_is_torn_has_one_piece_broken_off_the_smaller_one() -> None:
    reference = picture("......... .#######. .........")
    prediction = picture("......... .##.####. .........")
    assert told(prediction, reference) == [(Feature.PIECE, True, Cause.DIVIDED, (1, 1))]


def test_two_vessels_that_melt_are_one_missing_piece_and_a_speck_is_an_extra_one() -> None:
    reference = picture("###.. ..... ##... ..... .....")
    prediction = picture("###.. #.... ##... ..... ....#")
    assert told(prediction, reference) == [
        (Feature.PIECE, False, Cause.JOINED, (2, 0)),
        (Feature.PIECE, True, Cause.ALONE, (4, 4)),
    ]


def test_what_was_not_found_at_all_is_a_missing_piece_and_its_hole_with_it() -> None:
    empty = np.zeros_like(RING)
    assert told(empty, RING) == [
        (Feature.PIECE, False, Cause.ALONE, (0, 2)),
        (Feature.HOLE, False, Cause.OPEN, (1, 2)),
    ]


def test_a_hole_is_filled_or_its_wall_is_open() -> None:
    filled, torn = RING.copy(), RING.copy()
    filled[1, 2] = True
    torn[1, 1] = False
    assert told(filled, RING) == [(Feature.HOLE, False, Cause.FILLED, (1, 2))]
    assert told(torn, RING) == [(Feature.HOLE, False, Cause.OPEN, (1, 2))]
    # and the other way round
    assert told(RING, filled) == [(Feature.HOLE, True, Cause.FILLED, (1, 2))]
    assert told(RING, torn) == [(Feature.HOLE, True, Cause.OPEN, (1, 2))]


def test_a_wall_too_many_divides_a_hole_and_one_too_few_joins_two() -> None:
    whole = picture("####### #.....# #.....# #######")
    parted = picture("####### #.#...# #.#...# #######")
    assert told(parted, whole) == [(Feature.HOLE, True, Cause.DIVIDED, (1, 1))]
    assert told(whole, parted) == [(Feature.HOLE, False, Cause.JOINED, (1, 1))]


def test_right_counts_in_wrong_places_are_two_faults() -> None:
    prediction, reference = np.zeros((6, 12), dtype=bool), np.zeros((6, 12), dtype=bool)
    prediction[1:4, 1:4], reference[1:4, 7:10] = True, True
    assert told(prediction, reference) == [
        (Feature.PIECE, True, Cause.ALONE, (2, 2)),
        (Feature.PIECE, False, Cause.ALONE, (2, 8)),
    ]


def test_pieces_are_paired_so_that_all_share_the_most_not_the_first_the_most() -> None:
    # the long one shares 3 with the first and 2 with the second; the short one 2 with the first alone
    prediction = picture("###.## ...... ......") | picture("...... ...... ......")
    reference = picture("###### ...... ......")
    assert [fault[1:3] for fault in told(prediction, reference)] == [(True, Cause.DIVIDED)]
    ours = np.array([[1, 1, 1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]], dtype=bool)
    theirs = np.array([[1, 1, 1, 0, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]], dtype=bool)
    # 3 + 0 would leave two alone; 1 + 2 pairs both
    assert told(ours, theirs, connectivity=LOW) == []


def test_the_connectivity_decides_whether_a_corner_holds_together() -> None:
    diagonal, line = picture("#.. .#. ..#"), picture("##. .## ..#")
    assert told(diagonal, line, connectivity=HIGH) == []
    assert [fault[:3] for fault in told(diagonal, line, connectivity=LOW)] == [(Feature.PIECE, True, Cause.DIVIDED)] * 2


def test_a_cavity_of_a_volume_has_its_place_and_loops_are_counted() -> None:
    box = shell()
    solid = np.ones_like(box)
    (fault,) = find_faults(solid, box).listed
    assert fault == Fault(feature=Feature.CAVITY, extra=False, cause=Cause.FILLED, voxels=6, voxel=(1, 1, 2))
    ring = np.repeat(RING[None], 1, axis=0)
    assert feature_counts(ring) == {Feature.PIECE: 1, Feature.LOOP: 1, Feature.CAVITY: 0}
    assert find_faults(np.zeros_like(ring), ring).found == 1


def test_of_many_faults_the_largest_are_looked_at_and_all_are_counted() -> None:
    specks = np.zeros((40, 40), dtype=bool)
    specks[::4, ::4] = True
    specks[0:2, 0:2] = True
    faults = find_faults(specks, np.zeros_like(specks), most=3)
    assert (faults.found, [fault.voxels for fault in faults.listed]) == (100, [4, 1, 1])


@settings(max_examples=60, deadline=None)
@given(masks(count=2))
def test_extra_less_missing_is_the_difference_of_the_betti_numbers(drawn) -> None:
    prediction, reference = drawn
    for connectivity in (LOW, HIGH):
        faults = find_faults(prediction, reference, connectivity=connectivity, most=10**6).listed
        ours, theirs = (betti_numbers(mask, connectivity=connectivity) for mask in drawn)
        for feature, dimension in ((Feature.PIECE, 0), (Feature.HOLE, 1), (Feature.CAVITY, 2)):
            if (feature is Feature.HOLE) != (prediction.ndim == 2 and dimension == 1) or dimension >= prediction.ndim:
                continue
            signs = [1 if fault.extra else -1 for fault in faults if fault.feature is feature]
            assert sum(signs) == ours[dimension] - theirs[dimension]
        assert all(
            (prediction if fault.extra else reference)[fault.voxel] == (fault.feature is Feature.PIECE)
            for fault in faults
        )


def test_what_has_no_topology_is_refused() -> None:
    with pytest.raises(MetricError):
        find_faults(np.ones(4, dtype=bool), np.ones(4, dtype=bool))
    with pytest.raises(MetricError):
        find_faults(RING, RING, connectivity="8")
