"""SSIM, PSNR and NMSE: hand-worked numbers, the edges of their definitions, agreement with their peers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.contract.metrics import Better, Family
from evaluators.metrics import METRICS
from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric
from evaluators.metrics.image.scaled import Scaled
from evaluators.metrics.registry import metric
from evaluators.metrics.threads import use_threads
from tests.golden.peers import PEERS
from tests.golden.pictures import noise

IMAGE = {key: entry for key, entry in METRICS.items() if entry.spec.family is Family.IMAGE}
ssim, psnr, nmse = (METRICS[key].function for key in ("ssim", "psnr", "nmse"))
C1, C2 = 0.01**2, 0.03**2


def pictures(seed: int, shape: tuple[int, ...] = (11, 9, 2, 3)) -> np.ndarray:
    return noise(int(np.prod(shape)), seed=seed).reshape(shape)


def test_a_tenth_of_the_gain_missing_is_one_percent_of_the_energy() -> None:
    reference = pictures(1)
    assert nmse(0.9 * reference, reference) == pytest.approx(np.full((2, 3), 0.01), abs=1e-12)


def test_an_error_of_a_tenth_everywhere_is_twenty_decibels() -> None:
    reference = np.full((8, 8), 0.5)
    assert psnr(reference + 0.1, reference) == pytest.approx(20.0, abs=1e-12)


def test_one_wrong_pixel_worked_by_hand() -> None:
    reference = np.ones((7, 7))
    prediction = reference.copy()
    prediction[3, 3] = 0.0
    # one window: means 48/49 and 1, the prediction's variance (48/49 - (48/49)^2) * 49/48 = 1/49, no covariance
    mean, variance = 48 / 49, 1 / 49
    expected = (2 * mean + C1) * C2 / ((mean**2 + 1 + C1) * (variance + C2))
    assert ssim(prediction, reference) == pytest.approx(expected, abs=1e-12)
    assert nmse(prediction, reference) == pytest.approx(1 / 49, abs=1e-12)
    assert psnr(prediction, reference) == pytest.approx(10 * np.log10(49), abs=1e-12)


def test_constant_pictures_compare_by_brightness_alone() -> None:
    prediction, reference = np.full((9, 9), 0.25), np.full((9, 9), 0.75)
    expected = (2 * 0.25 * 0.75 + C1) / (0.25**2 + 0.75**2 + C1)
    assert ssim(prediction, reference) == pytest.approx(expected, abs=1e-12)


def test_a_black_prediction_gets_defined_bad_values() -> None:
    reference = pictures(2)
    black = np.zeros_like(reference)
    assert (nmse(black, reference) == 1.0).all()
    assert (ssim(black, reference) < 0.02).all()
    energy = np.square(reference).mean(axis=(0, 1))
    assert psnr(black, reference) == pytest.approx(-10 * np.log10(energy), abs=1e-12)


def test_identical_pictures_score_one_nought_and_the_ceiling() -> None:
    reference = pictures(3)
    assert ssim(reference, reference) == pytest.approx(np.ones((2, 3)), abs=1e-14)
    assert (nmse(reference, reference) == 0).all()
    assert (psnr(reference, reference) == 100.0).all()


def test_closer_than_the_ceiling_never_beats_identical() -> None:
    reference = pictures(4)
    assert (psnr(reference + 1e-9, reference) == 100.0).all()
    assert (psnr(reference + 1e-4, reference) < 100.0).all()


def test_a_black_reference_is_the_datasets_fault() -> None:
    reference = pictures(5)
    reference[:, :, 1, 2] = 0
    with pytest.raises(UndefinedMetric, match="energy"):
        nmse(reference, reference)


def test_pictures_smaller_than_the_window_have_no_ssim() -> None:
    with pytest.raises(UndefinedMetric, match="7x7"):
        ssim(np.ones((6, 20)), np.ones((6, 20)))


@pytest.mark.parametrize("key", sorted(IMAGE))
def test_shapes_that_differ_are_refused_with_both_named(key: str) -> None:
    with pytest.raises(ShapeMismatch, match=r"\(9, 9, 2\).*\(9, 9, 3\)"):
        METRICS[key].function(np.ones((9, 9, 2)), np.ones((9, 9, 3)))


@pytest.mark.parametrize("key", sorted(IMAGE))
def test_the_answer_has_one_number_a_picture_in_its_place(key: str) -> None:
    prediction, reference = pictures(6), pictures(7)
    values = METRICS[key].function(prediction, reference)
    assert values.shape == (2, 3)
    assert values.dtype == np.float64
    for i in range(2):
        for j in range(3):
            alone = METRICS[key].function(prediction[:, :, i, j], reference[:, :, i, j])
            assert alone.shape == ()
            assert values[i, j] == alone


@pytest.mark.parametrize("key", sorted(IMAGE))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_memory_order_and_width_of_the_arrays_do_not_matter(key: str, dtype: str) -> None:
    prediction, reference = pictures(8).astype(dtype), pictures(9).astype(dtype)
    plain = METRICS[key].function(prediction.astype("float64"), reference.astype("float64"))
    fortran = METRICS[key].function(np.asfortranarray(prediction), np.asfortranarray(reference))
    strided = METRICS[key].function(np.repeat(prediction, 2, axis=0)[::2], reference[::-1][::-1])
    assert (plain == fortran).all()
    assert (plain == strided).all()


@pytest.mark.parametrize("key", sorted(IMAGE))
def test_a_file_that_is_mapped_for_reading_at_an_odd_place_is_measured_as_it_lies(key: str, tmp_path: Path) -> None:
    prediction, reference = pictures(13).astype("float32"), pictures(14).astype("float32")
    (tmp_path / "odd").write_bytes(b"?" + prediction.tobytes())
    mapped = np.memmap(tmp_path / "odd", dtype="float32", mode="r", offset=1, shape=prediction.shape)
    assert (METRICS[key].function(mapped, reference) == METRICS[key].function(prediction, reference)).all()
    swapped = prediction.astype(">f4")
    assert (METRICS[key].function(swapped, reference) == METRICS[key].function(prediction, reference)).all()


@pytest.mark.parametrize("key", sorted(IMAGE))
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_number_of_threads_changes_no_bit(key: str, threads: int) -> None:
    prediction, reference = pictures(15, (9, 8, 6, 7)), pictures(16, (9, 8, 6, 7))
    plain = METRICS[key].function(prediction, reference)
    with use_threads(threads):
        assert (METRICS[key].function(prediction, reference) == plain).all()
    with pytest.raises(ValueError, match="thread"), use_threads(0):
        pass


def test_a_scaled_pair_gives_what_its_arrays_give_in_whatever_order_metrics_are_asked() -> None:
    values = [pictures(seed).astype("float32") for seed in (17, 18)]
    gains = noise(6, seed=19).reshape(2, 3) + 0.5
    for keys in (("ssim", "psnr", "nmse"), ("nmse", "psnr", "ssim")):
        prediction, reference = (Scaled(values=v, offset=gains / 4, divisor=gains) for v in values)
        for key in keys:
            plain = METRICS[key].function(np.asarray(prediction), np.asarray(reference))
            assert (METRICS[key].function(prediction, reference) == plain).all()


def test_absolute_values_are_taken_of_the_volume_that_asks_for_it() -> None:
    values, reference = pictures(20) - 0.5, pictures(21)
    magnitude = Scaled(values=values, offset=np.zeros((2, 3)), divisor=np.ones((2, 3)), magnitude=True)
    assert (nmse(magnitude, reference) == nmse(np.abs(values), reference)).all()
    assert (nmse(reference, magnitude) == nmse(reference, np.abs(values))).all()


def test_ssim_and_psnr_are_symmetric_and_nmse_is_not() -> None:
    prediction, reference = pictures(10), 0.5 * pictures(11)
    assert ssim(prediction, reference) == pytest.approx(ssim(reference, prediction), abs=1e-14)
    assert (psnr(prediction, reference) == psnr(reference, prediction)).all()
    assert not np.isclose(nmse(prediction, reference), nmse(reference, prediction)).any()


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(7, 24),
    columns=st.integers(7, 24),
    gain=st.floats(0.01, 3),
    floor=st.floats(-1, 1),
)
def test_every_metric_equals_its_peer(seed: int, rows: int, columns: int, gain: float, floor: float) -> None:
    reference = noise(rows * columns, seed=seed).reshape(rows, columns)
    prediction = gain * noise(rows * columns, seed=seed + 1).reshape(rows, columns) + floor
    for key, peer in PEERS.items():
        value = METRICS[key].function(prediction, reference)
        assert value == pytest.approx(peer(prediction, reference), rel=1e-10, abs=1e-10)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), outlier=st.floats(-1e76, 1), where=st.integers(0, 8 * 12 - 1))
def test_no_finite_prediction_makes_a_metric_undefined(seed: int, outlier: float, where: int) -> None:
    reference = noise(96, seed=seed).reshape(8, 12)
    prediction = reference.copy()
    prediction.flat[where] = outlier
    for entry in IMAGE.values():
        value = entry.function(prediction, reference)
        low, high = entry.spec.bounds
        assert np.isfinite(value)
        assert low is None or value >= low - 1e-9
        assert high is None or value <= high + 1e-9


def test_one_absurd_pixel_spoils_only_the_windows_that_hold_it() -> None:
    reference = pictures(12, (8, 40))
    prediction = reference.copy()
    prediction[4, 0] = -1e30
    # 2 rows x 34 columns of windows, of which column 0 alone holds the pixel and scores about nought
    assert ssim(prediction, reference) == pytest.approx(33 / 34, abs=1e-9)


def test_specs_say_which_way_is_good_and_what_missing_counts() -> None:
    assert {key: (entry.spec.better, entry.spec.worst) for key, entry in IMAGE.items()} == {
        "ssim": (Better.HIGHER, 0.0),
        "psnr": (Better.HIGHER, 0.0),
        "nmse": (Better.LOWER, 1.0),
    }
    assert all(key == entry.spec.key for key, entry in IMAGE.items())


def test_a_second_metric_of_the_same_name_is_refused() -> None:
    with pytest.raises(ValueError, match="ssim"):
        metric(METRICS["ssim"].spec)(ssim)
