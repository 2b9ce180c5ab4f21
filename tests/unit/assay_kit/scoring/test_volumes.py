"""Volumes of values: maps and velocities, everywhere or where a mask says so."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.metrics import METRICS
from tests.unit.assay_kit.scoring.conftest import Scoring

#: (component, x, y, slice, frame)
SHAPE = (3, 8, 9, 5, 2)


@pytest.fixture
def flow() -> tuple[np.ndarray, np.ndarray]:
    values = np.random.default_rng(4).normal(size=(2, *SHAPE))
    return values[0], values[1]


@pytest.mark.parametrize("metric", ["angerr", "relerr"])
@pytest.mark.parametrize("axes", ["", "component frame slice y x", "x y slice frame component"])
def test_vectors_may_have_their_component_anywhere(
    scoring: Scoring, flow: tuple[np.ndarray, np.ndarray], metric: str, axes: str
) -> None:
    order = (axes or "component frame slice y x").split()
    own = ["component", "x", "y", "slice", "frame"]
    turned = [np.transpose(one, [own.index(name) for name in order]) for one in flow]
    files = [scoring.keeps(name, one) for name, one in zip(("p.npy", "r.npy"), turned, strict=True)]

    said = scoring.says(metric, *files, *(["--axes", axes] if axes else []))

    assert said["value"] == pytest.approx(METRICS[metric].function(*flow), rel=1e-12)
    assert said["variant"] == f"mask=none, axes={' '.join(order)}"


@pytest.mark.parametrize("axes", [5, 4, 3])
def test_a_mask_may_hold_for_every_frame_and_slice(
    scoring: Scoring, flow: tuple[np.ndarray, np.ndarray], axes: int
) -> None:
    volumes = [one[0] for one in flow]
    region = np.zeros(SHAPE[1:][: axes - 1], dtype=bool)
    region[2:6, 3:7] = True
    files = [scoring.keeps(name, one.T) for name, one in zip(("p.npy", "r.npy"), volumes, strict=True)]
    scoring.keeps("mask.npy", region.T.astype("u1"))

    said = scoring.says("map_rmse", *files, "--mask", "mask.npy")

    assert said["value"] == pytest.approx(METRICS["map_rmse"].function(*volumes, region=region), rel=1e-12)
    assert said["value"] != scoring.says("map_rmse", *files)["value"]
    assert "mask=mask.npy" in said["variant"]


@pytest.mark.parametrize(
    ("metric", "shape", "mask", "error"),
    [
        ("map_rmse", (8, 8), (7, 8), "BAD_SHAPE"),
        ("map_rmse", (8, 8), (8,), "BAD_SHAPE"),
        ("map_rmse", (3, 2, 2, 8, 8), None, "BAD_SHAPE"),
        ("angerr", (8, 8), None, "BAD_SHAPE"),
        ("ssim3d", (8, 8), None, "UNDEFINED"),
        ("nrmse", (2, 2, 8, 8, 8, 8), None, "BAD_SHAPE"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code(
    scoring: Scoring, metric: str, shape: tuple[int, ...], mask: tuple[int, ...] | None, error: str
) -> None:
    files = scoring.keeps("p.npy", np.ones(shape)), scoring.keeps("r.npy", np.ones(shape))
    words = ["--mask", scoring.keeps("m.npy", np.ones(mask))] if mask else []

    assert scoring.fails(metric, *files, *words)["error"] == error


def test_an_empty_mask_measures_nothing(scoring: Scoring) -> None:
    files = scoring.keeps("p.npy", np.ones((8, 8))), scoring.keeps("r.npy", np.ones((8, 8)))

    told = scoring.fails("map_rmse", *files, "--mask", scoring.keeps("m.npy", np.zeros((8, 8))))

    assert told["error"] == "UNDEFINED"
    assert scoring.fails("ssim", *files, "--mask", "m.npy")["message"] == "ssim has no use for --mask"
