"""The reconstruction kind: what it asks a container for, how it lines up and scales, what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.contract.tasks import TaskSpec
from evaluators.tasks import KINDS
from evaluators.tasks.normalisation import by_own_maximum
from evaluators.tasks.regions import cut
from evaluators.tasks.registry import ReferenceProblem, TaskProblem, task_kind
from tests.golden.pictures import cine
from tests.unit.evaluators.tasks.specs import job_case, measure, paired, reconstruction_task

kind = KINDS["reconstruction"]
SHAPE = (24, 20, 3, 4)
FULL = {"region": "full"}


def test_a_case_asks_for_one_file_at_its_inputs_own_path() -> None:
    (wanted,) = kind.expects(case=job_case(), task=reconstruction_task())
    assert wanted.path == "MultiCoil/Cine/TestSet/AccFactor04/P001/cine_sax.mat"
    assert (wanted.variable, wanted.shape, wanted.dtypes) == ("img4ranking", SHAPE, ("f4", "f8"))
    assert wanted.formats == ("mat-v7", "mat-v7.3")


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ([{"metric": "dice"}], "metric 'dice' is not served; there are ssim, psnr, nmse"),
        ([{"metric": "ssim", "region": "heart"}], "region: 'heart' is not served; write one of challenge-crop, full"),
        ([{"metric": "ssim", "mask": "x"}], "unknown option 'mask'; there are normalisation, order, region"),
    ],
)
def test_what_the_kind_does_not_serve_is_named_with_what_it_does(metrics, message) -> None:
    with pytest.raises(TaskProblem) as problem:
        kind.expects(case=job_case(), task=reconstruction_task(metrics=metrics))
    assert str(problem.value) == message


def test_axes_in_another_order_are_refused_before_anything_is_read() -> None:
    task = reconstruction_task()
    turned = task.model_copy(update={"output": task.output.model_copy(update={"axes": "frame slice y x"})})
    with pytest.raises(TaskProblem, match="x y slice frame"):
        kind.expects(case=job_case(), task=turned)
    with pytest.raises(TaskProblem, match="one size each"):
        kind.expects(case=job_case(shape=(24, 20, 3)), task=task)
    other = task.model_copy(update={"output": task.output.model_copy(update={"formats": ("nifti",)})})
    with pytest.raises(TaskProblem, match="nifti"):
        kind.expects(case=job_case(), task=other)


RANKED = {"shape": "ranked"}


def ranked_task(**changes: Any) -> TaskSpec:
    task = reconstruction_task(**changes)
    return task.model_copy(update={"output": task.output.model_copy(update=RANKED)})


def test_a_file_of_the_validation_phase_holds_what_the_challenge_ranked_and_scores_the_same() -> None:
    cropped = [{"metric": key, "region": "challenge-crop"} for key in ("ssim", "psnr", "nmse")]
    task = ranked_task(metrics=cropped)
    (wanted,) = kind.expects(case=job_case(), task=task)
    assert wanted.shape == (8, 10, 2, 3)
    prediction, reference = cine(SHAPE, seed=1)
    whole = measure(task=reconstruction_task(metrics=cropped), prediction=prediction, reference=reference)
    part = cut(prediction, region="challenge-crop")
    assert measure(task=task, prediction=part, reference=reference) == whole


def test_the_full_frame_cannot_be_scored_from_a_part_of_it() -> None:
    with pytest.raises(TaskProblem, match="ssim_full: files of `shape: ranked` hold region challenge-crop alone"):
        kind.expects(case=job_case(), task=ranked_task())


def test_every_picture_is_divided_by_its_own_maximum_within_the_region() -> None:
    prediction, reference = cine(SHAPE, seed=1)
    prediction[0, 0] = 1000.0  # a corner outside the crop
    pair = paired(prediction=prediction, reference=reference, options={"region": "challenge-crop"})
    assert pair.prediction.shape == pair.reference.shape == (8, 10, 2, 3)
    assert (np.asarray(pair.prediction).max(axis=(0, 1)) == 1).all()
    assert (np.asarray(pair.reference).max(axis=(0, 1)) == 1).all()
    assert pair.axes == "x y slice frame"


def test_the_first_option_is_the_default() -> None:
    prediction, reference = cine(SHAPE, seed=1)
    assert paired(prediction=prediction, reference=reference, options={}).reference.shape == (8, 10, 2, 3)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), gains=st.lists(st.floats(1e-6, 1e6), min_size=12, max_size=12))
def test_a_gain_of_its_own_for_every_picture_changes_nothing(seed: int, gains: list[float]) -> None:
    prediction, reference = (volume.astype(np.float64) for volume in cine(SHAPE, seed=seed))
    task = reconstruction_task()
    plain = measure(task=task, prediction=prediction, reference=reference)
    scaled = measure(task=task, prediction=prediction * np.reshape(gains, (1, 1, 3, 4)), reference=reference)
    assert scaled == pytest.approx(plain, rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), gain=st.floats(1e-3, 1e3))
def test_the_reference_itself_is_a_perfect_answer(seed: int, gain: float) -> None:
    _, reference = cine(SHAPE, seed=seed)
    values = measure(task=reconstruction_task(), prediction=reference.astype(np.float64) * gain, reference=reference)
    assert values == pytest.approx(
        {"ssim": 1, "psnr": 100, "nmse": 0, "ssim_full": 1, "psnr_full": 100, "nmse_full": 0}, abs=1e-9
    )


def test_a_black_or_negative_picture_counts_as_all_zero() -> None:
    _, reference = cine(SHAPE, seed=3)
    black = measure(task=reconstruction_task(), prediction=np.zeros(SHAPE), reference=reference)
    assert black["nmse"] == black["nmse_full"] == 1.0
    assert black["ssim"] < 0.2
    assert np.isfinite(list(black.values())).all()
    negative = measure(task=reconstruction_task(), prediction=-np.abs(reference), reference=reference)
    assert negative == black


def test_negative_values_are_scored_as_they_stand() -> None:
    prediction, reference = cine(SHAPE, seed=4)
    dented = prediction.copy()
    dented[12, 10] = -dented[12, 10]
    plain = measure(task=reconstruction_task(), prediction=prediction, reference=reference)
    assert measure(task=reconstruction_task(), prediction=dented, reference=reference)["nmse"] > plain["nmse"]


def test_the_widest_range_that_a_file_may_hold_stays_finite() -> None:
    _, reference = cine(SHAPE, seed=5)
    wild = np.full(SHAPE, -3.4e38)
    wild[11, 9] = 1.3e-38
    assert np.isfinite(list(measure(task=reconstruction_task(), prediction=wild, reference=reference).values())).all()


def test_the_file_is_not_changed_by_scaling_it() -> None:
    prediction, _ = cine(SHAPE, seed=6)
    before = prediction.copy()
    by_own_maximum(prediction)
    assert np.array_equal(prediction, before)


def test_a_reference_that_nothing_can_be_scored_against_is_refused() -> None:
    prediction, reference = cine(SHAPE, seed=7)
    case = job_case()
    kind.check_references({"": reference}, case=case)
    with pytest.raises(ReferenceProblem, match="the dataset says"):
        kind.check_references({"": reference[:, :, :2]}, case=case)
    dark = reference.copy()
    dark[:, :, 1, 0] = 0
    with pytest.raises(ReferenceProblem, match="without energy"):
        paired(prediction=prediction, reference=dark, options=FULL)
    reference[0, 0, 0, 0] = np.nan
    with pytest.raises(ReferenceProblem, match="NaN"):
        kind.check_references({"": reference}, case=case)


def test_a_cases_value_is_the_mean_over_slices_and_frames() -> None:
    assert kind.combine(np.array([[1.0, 2.0], [3.0, 6.0]]), task=reconstruction_task(), options={}) == 3.0


def test_a_second_kind_of_the_same_name_is_refused() -> None:
    with pytest.raises(ValueError, match="reconstruction"):
        task_kind(type(kind))
