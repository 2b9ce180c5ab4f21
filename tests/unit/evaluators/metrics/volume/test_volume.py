"""3-D SSIM, nRMSE, errors of flow and of maps: hand-worked numbers, golden rows, edges and laws, within a region and without."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.contract.metrics import Better, Family
from evaluators.metrics import METRICS
from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric
from tests.golden.make_volume import PATH, PEERS, balls, flows

VOLUME = {key: entry for key, entry in METRICS.items() if entry.spec.family is Family.VOLUME}
ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["rows"]
ssim3d, nrmse, relerr, angerr, map_rmse, map_relative_error = (METRICS[key].function for key in PEERS)
SHAPE = (12, 11, 13, 2)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['key']} {row['inputs']['shape']} {row['region']}")
def test_every_value_equals_the_peers(row: dict[str, Any]) -> None:
    make, _ = PEERS[row["key"]]
    prediction, reference, region = make(tuple(row["inputs"]["shape"]), seed=row["inputs"]["seed"])
    where = None if row["region"] is None else region
    value = METRICS[row["key"]].function(prediction, reference, region=where)
    assert value == pytest.approx(row["value"], abs=1e-9, rel=1e-9)


def test_every_metric_of_the_family_has_golden_rows_with_and_without_a_region() -> None:
    assert {(row["key"], row["region"]) for row in ROWS} == {(key, where) for key in VOLUME for where in (None, "ball")}


def test_errors_worked_by_hand() -> None:
    reference = np.array([[[4.0, 2.0]]])
    prediction = np.array([[[1.0, 6.0]]])  # errors of 3 and 4
    assert nrmse(prediction, reference) == pytest.approx(np.sqrt(25 / 2) / 4)
    assert map_rmse(prediction, reference) == pytest.approx(np.sqrt(25 / 2))
    assert map_relative_error(prediction, reference) == pytest.approx((3 / 4 + 4 / 2) / 2)
    first_alone = np.array([[[True, False]]])
    assert nrmse(prediction, reference, region=first_alone) == pytest.approx(3 / 4)


def test_speeds_and_directions_are_two_different_errors() -> None:
    reference = np.zeros((3, 2, 1, 1))
    reference[0] = 10.0
    turned = np.roll(reference, 1, axis=0)
    assert (relerr(turned, reference), angerr(turned, reference)) == (0.0, pytest.approx(90.0))
    assert (relerr(2 * reference, reference), angerr(2 * reference, reference)) == (pytest.approx(1.0), 0.0)
    assert angerr(-reference, reference) == pytest.approx(180.0)


def test_a_thousandth_of_a_degree_is_still_an_angle() -> None:
    angle = np.radians(1e-3)
    reference = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1, 1)
    assert angerr(np.array([np.cos(angle), np.sin(angle), 0]).reshape(3, 1, 1, 1), reference) == pytest.approx(1e-3)


def test_no_flow_at_all_scores_one_and_a_right_angle() -> None:
    _, reference, _ = flows(SHAPE, seed=1)
    still = np.zeros_like(reference)
    assert relerr(still, reference) == 1.0
    assert angerr(still, reference) == pytest.approx(90.0)


@pytest.mark.parametrize("key", sorted(VOLUME))
def test_the_reference_is_a_perfect_answer_and_what_lies_outside_the_region_does_not_count(key: str) -> None:
    prediction, reference, region = PEERS[key][0](SHAPE, seed=2)
    best = 1.0 if key == "ssim3d" else 0.0
    assert METRICS[key].function(reference, reference) == pytest.approx(best, abs=1e-6)
    plain = METRICS[key].function(prediction, reference, region=region)
    spoilt = prediction.copy()
    spoilt[..., ~region, :] = -1e30
    assert METRICS[key].function(spoilt, reference, region=region) == pytest.approx(plain, abs=1e-9)


@pytest.mark.parametrize("key", sorted(VOLUME))
def test_a_region_may_name_every_voxel_or_leave_the_frames_out(key: str) -> None:
    prediction, reference, region = PEERS[key][0](SHAPE, seed=3)
    whole = np.repeat(region[..., None], SHAPE[3], axis=3)
    value = METRICS[key].function
    assert value(prediction, reference, region=region) == pytest.approx(value(prediction, reference, region=whole))


@pytest.mark.parametrize("key", sorted(set(VOLUME) - {"map_rmse"}))
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32), gain=st.floats(1e-6, 1e6))
def test_a_unit_that_both_share_does_not_matter(key: str, seed: int, gain: float) -> None:
    prediction, reference, region = PEERS[key][0]((8, 7, 6, 2), seed=seed)
    value = METRICS[key].function
    plain = value(prediction, reference, region=region)
    assert value(gain * prediction, gain * reference, region=region) == pytest.approx(plain, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_an_angle_and_an_error_in_milliseconds_are_the_same_either_way_round(seed: int) -> None:
    for key in ("angerr", "map_rmse"):
        prediction, reference, region = PEERS[key][0]((8, 7, 6, 2), seed=seed)
        value = METRICS[key].function
        turned = value(reference, prediction, region=region)
        assert value(prediction, reference, region=region) == pytest.approx(turned, rel=1e-12)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32), step=st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3)))
def test_a_region_that_moves_with_its_volume_has_the_same_similarity(seed: int, step: tuple[int, int, int]) -> None:
    shape = (10, 10, 10, 2)
    prediction, reference, region = balls(shape, seed=seed)
    padded = [np.pad(v, [(4, 4)] * 3 + [(0, 0)] * (v.ndim - 3)) for v in (prediction, reference, region)]
    moved = [np.roll(v, step, axis=(0, 1, 2)) for v in padded]
    assert ssim3d(*moved[:2], region=moved[2]) == pytest.approx(ssim3d(prediction, reference, region=region), abs=1e-12)


@pytest.mark.parametrize("key", sorted(VOLUME))
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 3.4e38, -3.4e38, 1e-45])
@pytest.mark.filterwarnings("error")
def test_every_legal_prediction_has_a_finite_value_within_bounds(key: str, value: float) -> None:
    _, reference, region = PEERS[key][0](SHAPE, seed=4)
    for hostile in (np.full_like(reference, value), np.where(reference > np.median(reference), value, reference)):
        found = METRICS[key].function(hostile, reference, region=region)
        low, high = METRICS[key].spec.bounds
        assert np.isfinite(found)
        assert low is None or found >= low
        assert high is None or found <= high


@pytest.mark.parametrize("key", sorted(VOLUME))
def test_an_empty_region_and_a_reference_without_signal_are_the_datasets_fault(key: str) -> None:
    prediction, reference, region = PEERS[key][0](SHAPE, seed=5)
    with pytest.raises(UndefinedMetric, match="empty"):
        METRICS[key].function(prediction, reference, region=np.zeros_like(region))
    if key not in {"angerr", "map_rmse"}:
        with pytest.raises(UndefinedMetric, match="region"):
            METRICS[key].function(prediction, np.zeros_like(reference), region=region)


@pytest.mark.parametrize("key", sorted(VOLUME))
def test_shapes_that_differ_are_refused(key: str) -> None:
    prediction, reference, region = PEERS[key][0](SHAPE, seed=6)
    with pytest.raises(ShapeMismatch):
        METRICS[key].function(prediction[..., :1], reference)
    with pytest.raises(ShapeMismatch):
        METRICS[key].function(prediction, reference, region=region[:-1])


def test_three_dimensional_similarity_needs_three_axes() -> None:
    with pytest.raises(UndefinedMetric, match="three axes"):
        ssim3d(np.ones((9, 9)), np.ones((9, 9)))


def test_specs_say_which_way_is_good_and_what_missing_counts() -> None:
    assert {key: (entry.spec.better, entry.spec.worst, entry.spec.unit) for key, entry in VOLUME.items()} == {
        "ssim3d": (Better.HIGHER, 0.0, "1"),
        "nrmse": (Better.LOWER, 1.0, "1"),
        "relerr": (Better.LOWER, 1.0, "1"),
        "angerr": (Better.LOWER, 180.0, "°"),
        "map_rmse": (Better.LOWER, 5000.0, "ms"),
        "map_relative_error": (Better.LOWER, 1.0, "1"),
    }
    assert all(entry.spec.edge for entry in VOLUME.values())
