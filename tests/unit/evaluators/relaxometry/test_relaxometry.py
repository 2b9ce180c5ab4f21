"""Maps of T1 and T2: the truth found again, scipy's numbers, what no curve fits, and input that makes no sense."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.metrics.threads import use_threads
from evaluators.relaxometry import BadSeries, T1Maps, T2Maps, fit_t1, fit_t2
from tests.golden.make_relaxometry import ECHO_TIMES, INVERSION_TIMES, PATH, t1_series, t2_series

ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["rows"]
NAMES = {"t1": T1Maps._fields, "t2": T2Maps._fields}
FITS: dict[str, tuple[Any, Any, tuple[float, ...]]] = {
    "t1": (fit_t1, t1_series, INVERSION_TIMES),
    "t2": (fit_t2, t2_series, ECHO_TIMES),
}


def recovery(*, t1_star: float, a: float = 100.0, b: float = 190.0, times=INVERSION_TIMES) -> np.ndarray:
    return np.abs(a - b * np.exp(-np.array(times) / t1_star))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['key']} noise {row['inputs']['spread']}")
def test_every_pixel_equals_scipys_least_squares(row: dict[str, Any]) -> None:
    fit, series, times = FITS[row["key"]]
    signals, _ = series(**row["inputs"])
    maps = dict(zip(NAMES[row["key"]], fit(signals, times), strict=True))
    for place, pixel in enumerate(row["pixels"]):
        assert {name: maps[name][place] for name in pixel} == pytest.approx(pixel, rel=1e-5)


@pytest.mark.parametrize("key", sorted(FITS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_noise_the_true_time_is_found_again(key: str, dtype: str) -> None:
    fit, series, times = FITS[key]
    signals, truth = series(2000, seed=8, spread=0.0)
    assert fit(signals.astype(dtype), times)[0] == pytest.approx(truth, rel=1e-2 if dtype == "float32" else 1e-6)


def test_a_recovery_worked_by_hand() -> None:
    # |100 - 190 exp(-t/900)|: T1 = 900 (1.9 - 1) = 810 ms
    maps = fit_t1(recovery(t1_star=900.0)[None], INVERSION_TIMES)
    assert [float(one[0]) for one in maps] == pytest.approx([810.0, 900.0, 100.0, 190.0], rel=1e-8)


def test_a_decay_worked_by_hand() -> None:
    # half of the signal is left after 40 ms: T2 = 40 / ln 2
    maps = fit_t2(np.array([[200.0, 100.0]]), (0.0, 40.0))
    assert [float(one[0]) for one in maps] == pytest.approx([40 / np.log(2), 200.0], rel=1e-8)


@settings(deadline=None, max_examples=25)
@given(t1_star=st.floats(150, 2500), ratio=st.floats(1.3, 2.1), gain=st.floats(1e-6, 1e6))
def test_t1_does_not_depend_on_the_signals_unit_or_the_order_of_the_images(t1_star, ratio, gain) -> None:
    signal = recovery(t1_star=t1_star, b=100.0 * ratio)
    assert fit_t1(gain * signal[None], INVERSION_TIMES).t1[0] == pytest.approx(t1_star * (ratio - 1), rel=1e-5)
    backwards = fit_t1(signal[None, ::-1], INVERSION_TIMES[::-1])
    assert backwards.t1[0] == pytest.approx(t1_star * (ratio - 1), rel=1e-5)


@pytest.mark.parametrize("key", sorted(FITS))
def test_maps_have_the_series_own_axes_whatever_its_memory_order(key: str) -> None:
    fit, series, times = FITS[key]
    signals = series(60, seed=9, spread=0.02)[0].reshape(3, 4, 5, len(times))
    plain = fit(signals, times)
    assert all(one.shape == (3, 4, 5) for one in plain)
    for same in (np.asfortranarray(signals), np.moveaxis(np.moveaxis(signals, -1, 0).copy(), 0, -1)):
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(fit(same, times), plain, strict=True))
    alone = fit(signals[1, 2, 3][None], times)
    assert all(one[0] == maps[1, 2, 3] for one, maps in zip(alone, plain, strict=True))


@pytest.mark.parametrize("key", sorted(FITS))
def test_the_number_of_threads_changes_no_bit(key: str) -> None:
    fit, series, times = FITS[key]
    signals = series(101, seed=10, spread=0.05)[0]
    with use_threads(1):
        plain = fit(signals, times)
    with use_threads(3):
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(fit(signals, times), plain, strict=True))


@pytest.mark.parametrize("key", sorted(FITS))
@pytest.mark.parametrize("value", [0.0, -1.0, 1.0, 3.4e38, 1e-45])
@pytest.mark.filterwarnings("error")
def test_what_no_curve_fits_is_still_a_number_within_bounds(key: str, value: float) -> None:
    fit, series, times = FITS[key]
    signals = series(3, seed=11, spread=0.0)[0]
    signals[0] = value
    signals[1, ::2] = value
    maps = fit(signals, times)
    assert all(np.isfinite(one).all() for one in maps)
    assert (maps[0] >= 0).all()
    assert (maps[0] <= (5000 if key == "t1" else 2000)).all()
    assert maps[0][2] == pytest.approx(series(3, seed=11, spread=0.0)[1][2], rel=1e-6)


def test_a_dark_pixel_has_no_times() -> None:
    assert all((one == 0).all() for one in fit_t1(np.zeros((2, 9)), INVERSION_TIMES))
    assert all((one == 0).all() for one in fit_t2(np.zeros((2, 3)), ECHO_TIMES))


def test_times_beyond_the_bounds_are_clipped_to_them() -> None:
    slow = recovery(t1_star=9000.0)[None]
    assert fit_t1(slow, INVERSION_TIMES, longest=3000.0).t1_star[0] == pytest.approx(3000.0)
    assert fit_t1(recovery(t1_star=2900.0, b=230.0)[None], INVERSION_TIMES, longest=3000.0).t1[0] == 3000.0
    rising = np.array([[1.0, 2.0, 3.0]])
    assert fit_t2(rising, ECHO_TIMES, longest=500.0).t2[0] == pytest.approx(500.0)
    gone = np.array([[1.0, 0.0, 0.0]])
    assert fit_t2(gone, ECHO_TIMES, shortest=5.0).t2[0] == pytest.approx(5.0, rel=1e-3)


def test_an_empty_series_has_an_empty_map() -> None:
    assert fit_t2(np.zeros((0, 4, 3)), ECHO_TIMES).t2.shape == (0, 4)


@pytest.mark.parametrize(
    ("signal", "times", "bounds", "message"),
    [
        (np.ones((2, 4)), (0.0, 10.0, 20.0), {}, "needs"),
        (np.ones((2, 3)), (10.0, 10.0, 10.0), {}, "different times"),
        (np.ones((2, 3)), (-1.0, 10.0, 20.0), {}, "none negative"),
        (np.ones((2, 3)), (0.0, 10.0, np.inf), {}, "different times"),
        (np.full((2, 3), np.nan), (0.0, 10.0, 20.0), {}, "NaN"),
        (np.ones((2, 3)), (0.0, 10.0, 20.0), {"shortest": 0.0}, "bounds"),
        (np.ones((2, 3)), (0.0, 10.0, 20.0), {"shortest": 9.0, "longest": 8.0}, "bounds"),
    ],
)
@pytest.mark.parametrize("fit", [fit_t1, fit_t2])
def test_a_series_that_makes_no_sense_is_refused_with_what_to_give(fit, signal, times, bounds, message) -> None:
    with pytest.raises(BadSeries, match=message):
        fit(signal, times, **bounds)
