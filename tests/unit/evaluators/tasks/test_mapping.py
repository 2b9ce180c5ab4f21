"""The mapping kind: contrasts scored as a cine's frames are, and what its references must be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.sealing import new_key
from evaluators.contract.tasks import TaskSpec
from evaluators.importers.cmrxrecon2023_image import image_of
from evaluators.phantoms.mapping import simulate_mapping
from evaluators.phantoms.scan import FINENESS
from evaluators.phantoms.sizes import CineSize, Weighting
from evaluators.scoring.case import measure, score_case
from evaluators.scoring.errors import DatasetFault
from evaluators.tasks import KINDS
from evaluators.tasks.mapping import fitted
from evaluators.tasks.regions import cut
from evaluators.tasks.registry import ReferenceProblem, TaskProblem
from tests.golden.pictures import cine
from tests.unit.evaluators.scoring.store import Store
from tests.unit.evaluators.tasks.specs import BY_OWN_MAXIMUM, reconstruction_task

kind = KINDS["mapping"]
SHAPE = (24, 20, 3, 9)
TIMES = np.tile(np.linspace(100, 4000, 9, dtype=np.float32), (3, 1))


IMAGES = [{"metric": key, **BY_OWN_MAXIMUM, "region": "challenge-crop"} for key in ("ssim", "psnr", "nmse")]
MAPS = [
    {"metric": metric, "as": f"{tissue}_{name}", "tissue": tissue}
    for tissue in ("myocardium", "blood-pool")
    for metric, name in (("map_rmse", "rmse"), ("map_relative_error", "error"))
]
#: of the labels 1, 2, 3, and of what has none
TIMES_OF = {"T1": (800.0, 1500.0, 1000.0, 1400.0), "T2": (70.0, 180.0, 45.0, 120.0)}
MOMENTS = {
    "T1": np.stack([np.linspace(100 + 10 * z, 4000, 9, dtype=np.float32) for z in range(3)]),
    "T2": np.tile(np.array([0, 25, 55], dtype=np.float32), (3, 1)),
}


def mapping_task(*, metrics: list[dict[str, str]] = IMAGES, **changes: object) -> TaskSpec:
    task = reconstruction_task(
        kind="mapping",
        layout="cmrxrecon-2023-mapping",
        input="MultiCoil/Mapping/{set}/AccFactor{af:02d}/{subject}/T1map.mat",
        case=["subject", "af"],
        metrics=metrics,
    )
    output = task.output.model_copy(update={"axes": "x y slice contrast", **changes})
    return task.model_copy(update={"output": output})


def mapping_case(*references: FileRef, scan: str = "T1") -> JobCase:
    some = FileRef(path=f"MultiCoil/Mapping/TestSet/AccFactor04/P001/{scan}map.mat", sha256="0" * 64, size=1)
    shape = (*SHAPE[:3], MOMENTS[scan].shape[1])
    return JobCase(index=0, strata={}, inputs=(some,), references=references or (some,), shape=shape)


def heart() -> np.ndarray:
    """(x, y, slice): a ring of myocardium about blood, and another ventricle beside it, larger from slice to slice."""
    x, y, z = np.meshgrid(*(np.arange(size) for size in SHAPE[:3]), indexing="ij")
    radius = np.hypot(x - 12, y - 10)
    labels = np.zeros(SHAPE[:3], dtype=np.uint8)
    labels[(x > 17) & (np.abs(y - 10) < 3)] = 3
    labels[radius < 4.5 + z / 2] = 2
    labels[radius < 2.5 + z / 2] = 1
    return labels


def series(scan: str, *, myocardium: float = 1.0) -> np.ndarray:
    """Noise-free magnitude images (x, y, slice, contrast); myocardium: a factor on its time alone."""
    times = np.array(TIMES_OF[scan])[heart()]
    times[heart() == 2] *= myocardium
    at = MOMENTS[scan][None, None] / times[..., None]
    images = np.abs(1 - 2 * np.exp(-at)) if scan == "T1" else np.exp(-at)
    single: np.ndarray = images.astype(np.float32)
    return single


def references(scan: str) -> dict[str, np.ndarray]:
    return {"": series(scan), "times": MOMENTS[scan], "label": heart()}


def errors(
    scan: str, prediction: np.ndarray, *, shape: str = "as-reference", **changes: np.ndarray
) -> dict[str, float]:
    task, case = mapping_task(metrics=MAPS, shape=shape), mapping_case(scan=scan)
    held = references(scan) | {part.replace("image", ""): array for part, array in changes.items()}
    kind.expects(case=case, task=task)
    kind.check_references(held, case=case)
    return measure(task=task, case=case, prediction=prediction, references=held)


@pytest.mark.parametrize("scan", ["T1", "T2"])
def test_a_time_that_is_ten_per_cent_too_long_is_an_error_of_its_tissue_alone(scan: str) -> None:
    truth = TIMES_OF[scan][2]
    assert errors(scan, series(scan, myocardium=1.1)) == pytest.approx(
        {
            "myocardium_rmse": 0.1 * truth,
            "myocardium_error": 0.1,
            "blood-pool_rmse": 0,
            "blood-pool_error": 0,
        },
        rel=1e-3,
        abs=1e-3,
    )


@pytest.mark.parametrize("scan", ["T1", "T2"])
def test_a_gain_of_a_slice_changes_no_map_and_a_gain_of_a_contrast_does(scan: str) -> None:
    prediction = series(scan, myocardium=1.1)
    plain = errors(scan, prediction)
    assert errors(scan, prediction * np.array([1, 30, 0.2], dtype=np.float32)[:, None]) == pytest.approx(
        plain, rel=1e-3, abs=1e-2
    )
    louder = prediction.copy()
    louder[..., -1] *= 1.3
    assert errors(scan, louder)["blood-pool_rmse"] > 5 > plain["blood-pool_rmse"]


@pytest.mark.parametrize("scan", ["T1", "T2"])
@pytest.mark.parametrize("value", [0.0, -1.0, 3.4e38], ids=["zero", "negative", "huge"])
def test_every_legal_file_has_finite_errors(scan: str, value: float) -> None:
    found = errors(scan, np.full_like(series(scan), value))
    assert np.isfinite(list(found.values())).all()
    assert found["myocardium_error"] > 0.5


def test_of_the_ranked_part_labels_and_times_are_those_of_its_slices() -> None:
    prediction = series("T1", myocardium=1.1)
    kept = cut(prediction, region="challenge-crop", scan="T1map.mat")
    part = errors("T1", kept, shape="ranked")
    assert part["myocardium_error"] == pytest.approx(0.1, rel=1e-3)
    assert part["blood-pool_error"] == pytest.approx(0, abs=1e-4)


def test_an_inversion_time_of_zero_is_an_image_that_was_not_acquired() -> None:
    times = MOMENTS["T1"].copy()
    times[1, -1] = 0
    image = series("T1")
    image[:, :, 1, -1] = 0.5
    prediction = series("T1", myocardium=1.1)
    prediction[:, :, 1, -1] = 77
    found = errors("T1", prediction, times=times, image=image)
    assert found["myocardium_error"] == pytest.approx(0.1, rel=1e-3)


def test_where_the_reference_itself_gives_no_time_nothing_is_compared() -> None:
    image = series("T2")
    image[12, 10] = 0.7  # does not fall: no T2
    assert errors("T2", series("T2"), image=image)["blood-pool_rmse"] == pytest.approx(0, abs=1e-3)
    with pytest.raises(ReferenceProblem, match="give no time in any pixel of the myocardium"):
        errors("T2", series("T2"), image=np.full_like(image, 0.7))


def test_a_set_without_the_tissue_or_with_other_labels_is_the_datasets_fault() -> None:
    with pytest.raises(ReferenceProblem, match=r"no pixel is labelled myocardium \(code 2\)"):
        errors("T1", series("T1"), label=np.where(heart() == 2, 0, heart()).astype(np.uint8))
    with pytest.raises(ReferenceProblem, match=r"labels \(x, y, slice\) of shape \(24, 20, 2\)"):
        errors("T1", series("T1"), label=heart()[:, :, :2])
    with pytest.raises(ReferenceProblem, match="times of slice 1: 3 different times"):
        errors("T1", series("T1"), times=np.full_like(MOMENTS["T1"], 500))


def test_a_column_of_a_tissue_takes_no_region_and_one_of_images_no_tissue() -> None:
    for metrics in ([{"metric": "map_rmse", "region": "full"}], [{"metric": "ssim", "tissue": "myocardium"}]):
        with pytest.raises(TaskProblem, match="unknown option"):
            kind.expects(case=mapping_case(), task=mapping_task(metrics=metrics))


@pytest.mark.parametrize("weighting", list(Weighting))
def test_maps_of_the_phantoms_full_sample_are_its_true_times(tmp_path: Path, weighting: Weighting) -> None:
    size = CineSize(nx=96, ny=72, coils=4, slices=1, frames=1)
    scan = simulate_mapping(seed=5, subject=1, size=size, weightings=(weighting,))[weighting]
    images = np.stack([np.stack([image_of(one) for one in frame]) for frame in scan.kspace]).T
    labels, truth = scan.labels.T, scan.truth[:, ::FINENESS, ::FINENESS].T
    inside = (labels == 2) & (truth > 0)
    found, _ = fitted(images, times=scan.times, where=inside, scan=f"{weighting}.mat")
    assert inside.sum() > 20
    assert np.median(found[inside]) == pytest.approx(np.median(truth[inside]), rel=0.1)


def test_the_axis_of_time_is_one_of_contrasts() -> None:
    (wanted,) = kind.expects(case=mapping_case(), task=mapping_task())
    assert (wanted.path, wanted.shape) == ("MultiCoil/Mapping/TestSet/AccFactor04/P001/T1map.mat", SHAPE)
    with pytest.raises(TaskProblem, match="axes must be 'x y slice contrast'"):
        kind.expects(case=mapping_case(), task=mapping_task(axes="x y slice frame"))


def test_a_ranked_file_holds_every_contrast() -> None:
    (wanted,) = kind.expects(case=mapping_case(), task=mapping_task(shape="ranked"))
    assert wanted.shape == (8, 10, 2, 9)


@pytest.mark.parametrize(
    ("times", "what"),
    [
        (TIMES[:2], r"times \(slice, contrast\) of shape \(2, 9\), the images have \(3, 9\)"),
        (TIMES.T, r"shape \(9, 3\)"),
        (-TIMES, "a negative time"),
        (TIMES * np.float32(np.nan), "NaN"),
    ],
)
def test_times_that_are_not_those_of_its_contrasts_are_the_datasets_fault(times: np.ndarray, what: str) -> None:
    _, reference = cine(SHAPE, seed=1)
    kind.check_references({"": reference, "times": TIMES}, case=mapping_case())
    with pytest.raises(ReferenceProblem, match=what):
        kind.check_references({"": reference, "times": times}, case=mapping_case())


@pytest.mark.parametrize("key", [None, new_key()], ids=["open", "sealed"])
def test_a_case_is_scored_with_all_its_references_and_none_of_them_may_be_missing_or_odd(
    tmp_path: Path, key: str | None
) -> None:
    store = Store(tmp_path, key=key)
    prediction, reference = cine(SHAPE, seed=1)
    answered = store.add(prediction=prediction, reference=reference)
    written = store.manifest[answered.output]
    assert isinstance(written, ArchivedFile)
    image = store.reference(reference, path="P001/T1map.npy")
    times = store.reference(TIMES, path="P001/T1map_times.npy")
    words = store.reference(TIMES.astype(np.int64), path="P001/T1map_times.npy")
    short = store.reference(TIMES[:1], path="P001/T1map_times.npy")
    others = store.reference(TIMES, path="P001/T2map_times.npy")

    def score(*references: FileRef, task: TaskSpec = mapping_task()) -> dict[str, float]:  # noqa: B008
        result = score_case(
            task=task,
            case=mapping_case(*references),
            prediction=written.sha256,
            below=store.outputs,
            references=store.references,
            key=key,
        )
        assert result.failure is None
        return result.values

    labels = store.reference(heart(), path="P001/T1map_label.npy")

    assert set(score(image, times)) == {"ssim", "psnr", "nmse"}
    with pytest.raises(DatasetFault, match=r"P001/T1map\.npy: no times of its contrasts beside it"):
        score(image)
    with pytest.raises(DatasetFault, match="no times of its contrasts"):
        score(image, others)
    with pytest.raises(DatasetFault, match="holds int64, expected real floats"):
        score(image, words)
    with pytest.raises(DatasetFault, match=r"shape \(1, 9\)"):
        score(image, short)

    maps = mapping_task(metrics=IMAGES + MAPS)
    assert set(score(image, times, labels, task=maps)) == {use["metric"] for use in IMAGES} | {
        use["as"] for use in MAPS
    }
    with pytest.raises(DatasetFault, match=r"P001/T1map\.npy: no labels beside it"):
        score(image, times, task=maps)
