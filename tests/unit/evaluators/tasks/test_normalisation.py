"""The scales of four challenges: hand-worked, against hostile predictions, and what each leaves unchanged."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.tasks import KINDS
from evaluators.tasks.normalisation import ORDERS, SCALES, by_deviation, by_own_maximum, by_percentile
from evaluators.tasks.registry import ReferenceProblem
from tests.golden.pictures import cine
from tests.unit.evaluators.tasks.specs import measure, paired, reconstruction_task

kind = KINDS["reconstruction"]
SHAPE = (24, 20, 3, 4)
WAYS = list(product(SCALES, ORDERS))


def task(normalisation: str, order: str = "declared"):
    ways = {"normalisation": normalisation, "order": order, "region": "full"}
    return reconstruction_task(metrics=[{"metric": key, **ways} for key in ("ssim", "psnr", "nmse")])


def one(values) -> np.ndarray:
    return np.array(values, dtype=np.float64)[:, :, None, None]


def test_a_picture_over_its_mean_and_deviation_worked_by_hand() -> None:
    scaled = by_deviation(one([[1, 3], [3, 5]]))  # mean 3, deviation sqrt(2)
    assert np.asarray(scaled.volume)[..., 0, 0] == pytest.approx(np.array([[-1, 0], [0, 1]]) * 2**0.5, rel=1e-7)
    assert scaled.peak == pytest.approx(2**0.5, rel=1e-7)


def test_a_picture_over_its_percentile_counts_magnitudes_and_clips_nothing() -> None:
    values = np.arange(1.0, 202.0).reshape(3, 67)
    values[0, 0] = -1.0
    scaled = by_percentile(one(values))
    # 201 values: place 0.995 * 200 = 199 counted from 0 is 200
    assert np.asarray(scaled.volume).max() == scaled.peak == pytest.approx(201 / 200)
    assert np.asarray(scaled.volume)[0, 0] == pytest.approx(1 / 200)


@pytest.mark.parametrize(("normalisation", "order"), WAYS)
def test_the_reference_itself_is_a_perfect_answer_on_every_scale(normalisation: str, order: str) -> None:
    _, reference = cine(SHAPE, seed=1)
    values = measure(task=task(normalisation, order), prediction=reference.copy(), reference=reference)
    assert values == pytest.approx({"ssim": 1, "psnr": 100, "nmse": 0}, abs=1e-9)


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 2**32),
    gain=st.floats(1e-3, 1e3),
    way=st.sampled_from([way for way in WAYS if way[0] in {"cmrxrecon2023", "cmrxrecon2025"}]),
)
def test_a_gain_of_the_prediction_changes_nothing_where_each_has_its_own_scale(seed, gain, way) -> None:
    prediction, reference = (volume.astype(np.float64) for volume in cine(SHAPE, seed=seed))
    plain = measure(task=task(*way), prediction=prediction, reference=reference)
    assert measure(task=task(*way), prediction=gain * prediction, reference=reference) == pytest.approx(plain, rel=1e-9)


def test_mean_and_deviation_forgive_an_offset_as_well() -> None:
    prediction, reference = (volume.astype(np.float64) for volume in cine(SHAPE, seed=2))
    plain = measure(task=task("cmrxrecon2024"), prediction=prediction, reference=reference)
    moved = measure(task=task("cmrxrecon2024"), prediction=3 * prediction + 7, reference=reference)
    assert moved == pytest.approx(plain, rel=1e-6)


def test_a_gain_error_counts_at_fastmri_but_not_where_both_have_it() -> None:
    prediction, reference = (volume.astype(np.float64) for volume in cine(SHAPE, seed=3))
    plain = measure(task=task("fastmri"), prediction=prediction, reference=reference)
    assert measure(task=task("fastmri"), prediction=1.2 * prediction, reference=reference) != pytest.approx(plain)
    both = measure(task=task("fastmri"), prediction=5 * prediction, reference=5 * reference)
    assert both == pytest.approx(plain, rel=1e-9)


def test_fastmris_errors_are_those_of_the_whole_volume() -> None:
    reference = np.ones((8, 8, 1, 2))
    reference[..., 1] = 3.0
    prediction = reference + np.array([0.5, 0.0])
    values = measure(task=task("fastmri"), prediction=prediction, reference=reference)
    assert values["nmse"] == pytest.approx(0.25 / (1 + 9))
    assert values["psnr"] == pytest.approx(10 * np.log10(9 / 0.125))


def test_the_order_of_the_arguments_decides_whose_energy_the_error_is_measured_by() -> None:
    prediction, reference = (volume.astype(np.float64) for volume in cine(SHAPE, seed=4))
    for year in ("cmrxrecon2024", "cmrxrecon2025"):
        called = measure(task=task(year, "as_called"), prediction=prediction, reference=reference)
        assert called == measure(task=task(year), prediction=reference, reference=prediction)
        assert called != measure(task=task(year), prediction=prediction, reference=reference)
    for same in ("cmrxrecon2023", "fastmri"):
        called = measure(task=task(same, "as_called"), prediction=prediction, reference=reference)
        assert called == measure(task=task(same), prediction=prediction, reference=reference)


@pytest.mark.parametrize("year", ["cmrxrecon2024", "cmrxrecon2025"])
def test_a_hot_pixel_pays_where_the_answer_gives_the_data_range(year: str) -> None:
    prediction, reference = (volume.astype(np.float64) for volume in cine((128, 96, 1, 2), seed=4))
    hot = prediction.copy()
    hot[0, 0] = 10 * prediction.max()
    fair, spoiled = (measure(task=task(year), prediction=image, reference=reference) for image in (prediction, hot))
    assert spoiled["psnr"] < fair["psnr"] - 5
    assert spoiled["ssim"] < fair["ssim"] + 0.01
    # the scripts' own order, as a challenge file may ask for and its words warn of
    called = task(year, "as_called")
    fair, spoiled = (measure(task=called, prediction=image, reference=reference) for image in (prediction, hot))
    assert spoiled["psnr"] > fair["psnr"] + 5
    assert spoiled["ssim"] > fair["ssim"] + 0.1
    assert "a bright pixel of an answer raises its own" in ORDERS["as_called"]


def hostile(name: str) -> np.ndarray:
    """One picture of a volume that is otherwise a fair answer."""
    volume = cine(SHAPE, seed=5)[0].copy()
    picture = volume[:, :, 1, 2]
    flat = {"zero": 0.0, "constant": 0.4, "huge": 3.4e38, "faint": 1e-45, "one bright pixel": 0.0}
    if name in flat:
        picture[...] = flat[name]
    if name == "negative":
        picture *= -1
    if name == "from end to end":
        picture[::2] = 3.4e38
        picture[1::2] = -3.4e38
        picture[3, 3] = 1.2e-38
    if name == "faint but for one":
        picture[...] = 1.2e-38
        picture[3, 3] = -3.4e38
    if name == "one bright pixel":
        picture[3, 3] = 3.4e38
    return volume


NAMES = ("zero", "constant", "huge", "negative", "faint", "from end to end", "faint but for one", "one bright pixel")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("normalisation", "order"), WAYS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("error")
def test_every_legal_prediction_has_finite_values_on_every_scale(normalisation, order, name, dtype) -> None:
    _, reference = cine(SHAPE, seed=5)
    prediction = hostile(name).astype(dtype)
    values = measure(task=task(normalisation, order), prediction=prediction, reference=reference)
    assert np.isfinite(list(values.values())).all()
    assert -1 <= values["ssim"] <= 1
    assert values["nmse"] >= 0


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", ["zero", "constant"])
def test_a_flat_prediction_loses_all_of_the_energy_in_either_order(name: str, order: str) -> None:
    _, reference = cine(SHAPE, seed=6)
    flat = np.full(SHAPE, 0.0 if name == "zero" else 0.7)
    assert measure(task=task("cmrxrecon2024", order), prediction=flat, reference=reference)["nmse"] == 1.0


@pytest.mark.parametrize(("normalisation", "order"), WAYS)
def test_only_a_reference_without_signal_is_refused(normalisation: str, order: str) -> None:
    prediction, reference = cine(SHAPE, seed=7)
    dark = np.zeros_like(reference) if normalisation == "fastmri" else reference.copy()
    dark[:, :, 1, 0] = 0.0
    options = {"normalisation": normalisation, "order": order, "region": "full"}
    with pytest.raises(ReferenceProblem, match="without energy"):
        paired(prediction=prediction, reference=dark, options=options)


def test_a_dark_picture_in_a_volume_is_fine_where_the_volume_is_what_counts() -> None:
    prediction, reference = cine(SHAPE, seed=8)
    reference[:, :, 1, 0] = 0.0
    values = measure(task=task("fastmri"), prediction=prediction, reference=reference)
    assert np.isfinite(list(values.values())).all()


def test_scaling_copies_nothing_and_changes_nothing() -> None:
    prediction, _ = cine(SHAPE, seed=9)
    before = prediction.copy()
    for scale in SCALES.values():
        assert np.shares_memory(scale.apply(prediction).volume.values, prediction)
    assert np.array_equal(prediction, before)
    assert np.asarray(by_own_maximum(prediction).volume).max() == 1.0
