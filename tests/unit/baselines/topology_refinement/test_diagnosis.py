"""Each kind of error is counted as what it is, and crops that a window fills are found out."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.topology_refinement import diagnosis
from baselines.topology_refinement.data import VALIDATION_SEED, subjects
from baselines.topology_refinement.model import After


def ring() -> np.ndarray:
    mask = np.zeros((40, 40), dtype=bool)
    mask[10:30, 10:30] = True
    mask[13:27, 13:27] = False
    return mask


def changed(what: str) -> np.ndarray:
    mask = ring()
    if what == "small islands":
        mask[2, 2] = True
    if what == "islands":
        mask[2:6, 2:6] = True
    if what == "loops open":
        mask[20, 8:14] = False
    if what == "pieces beyond the true":
        mask[20] = False
    if what == "loops filled":
        mask[13:27, 13:27] = True
    if what == "loops too many":
        mask[11, 20] = False
    return mask


@pytest.mark.parametrize(
    "kind", ["small islands", "islands", "loops open", "pieces beyond the true", "loops filled", "loops too many"]
)
def test_an_error_is_counted_under_its_kind(kind: str) -> None:
    found = diagnosis.errors(changed(kind), reference=ring())
    # a ring cut twice is open too
    also = {"loops open"} if kind == "pieces beyond the true" else set()
    assert {name for name, count in found.items() if count and name != "false voxels, share"} == {kind} | also
    assert found[kind] == 1


def test_the_reference_itself_has_no_error() -> None:
    assert not any(diagnosis.errors(ring(), reference=ring()).values())


def test_crops_smaller_than_the_window_are_blank_now_and_then_and_whole_pictures_never() -> None:
    data = subjects(seed=VALIDATION_SEED, each=4, axes=2, size=96)
    small, whole = (
        diagnosis.given(diagnosis.crops(data, family=After.REFINED, crop=side, rng=np.random.default_rng(0)))
        for side in (48, 96)
    )
    # measured over ten of every shape: 0.13 and 0
    assert small["blank"] > 0.05
    assert whole["blank"] < 0.01


def test_a_refiner_that_sees_what_is_not_there_is_found_out() -> None:
    dreaming = diagnosis.unprompted(lambda image: 1 - image)
    awake = diagnosis.unprompted(lambda image: image)
    assert dreaming == pytest.approx({"picture of nothing": 1, "dark line in haze": 1})
    assert not any(awake.values())
