"""What must hold of every lesion metric, for random label maps; and matching done lesion by lesion gives the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from evaluators.metrics import METRICS
from evaluators.metrics.labels import LabelPair
from evaluators.metrics.lesions.dilation import dilate
from evaluators.metrics.lesions.instances import components, overlaps

from .drawings import crowded

RULES = ("brats2023-gli", "brats2023-men", "brats2023-met")
CALLS: list[tuple[str, dict[str, Any]]] = [
    *((key, {"rule": rule}) for key in ("lesion_dice", "lesion_hd95", "lesion_f1") for rule in RULES),
    ("lesion_f1", {"rule": "isles2022"}),
    *(
        ("panoptic_quality", {"quantity": quantity, "overlap": o})
        for quantity in ("pq", "sq", "rq")
        for o in ("iou", "dice")
    ),
]
#: the same whichever map is the reference
BOTH_WAYS = [call for call in CALLS if call[0] == "panoptic_quality"]


def name(call: tuple[str, dict[str, Any]]) -> str:
    return "-".join([call[0], *call[1].values()])


EVERY = pytest.mark.parametrize("call", CALLS, ids=name)
Call = tuple[str, dict[str, Any]]


def values(call: Call, pair: LabelPair, **changes: Any) -> Any:
    parts = {part: getattr(pair, part) for part in ("prediction", "reference", "classes", "spacing")}
    return METRICS[call[0]].function(LabelPair(**{**parts, **changes}), **call[1])


@EVERY
@settings(deadline=None, max_examples=40)
@given(pair=crowded())
def test_values_are_finite_within_their_bounds_one_a_class(call: Call, pair: LabelPair) -> None:
    found = values(call, pair)
    assert found.dtype == np.float64
    assert found.shape == (2,)
    assert (found >= 0).all()
    assert (found <= (374 if call[0] == "lesion_hd95" else 1)).all()


@EVERY
@settings(deadline=None, max_examples=25)
@given(pair=crowded())
def test_a_map_against_itself_is_perfect(call: Call, pair: LabelPair) -> None:
    # but where a component is matched to a lesion and a part that touches it, both of them are in both maps
    perfect = 0.0 if call[0] == "lesion_hd95" else 1.0
    found = values(call, pair, prediction=pair.reference)
    if call[0] in {"lesion_f1", "panoptic_quality"}:
        assert (found == perfect).all()
    else:
        # the same lesions, joined: a component never touches a lesion other than its own
        np.testing.assert_allclose(found, perfect, atol=1e-12)


@EVERY
@settings(deadline=None, max_examples=30)
@given(pair=crowded(), around=st.integers(1, 4))
def test_background_all_around_changes_nothing(call: Call, pair: LabelPair, around: int) -> None:
    wider = values(call, pair, prediction=np.pad(pair.prediction, around), reference=np.pad(pair.reference, around))
    np.testing.assert_allclose(wider, values(call, pair), rtol=1e-12)


@EVERY
@settings(deadline=None, max_examples=30)
@given(pair=crowded())
def test_turned_or_mirrored_maps_have_the_same_values(call: Call, pair: LabelPair) -> None:
    for turn in (np.transpose, np.flip):
        turned = values(call, pair, prediction=turn(pair.prediction), reference=turn(pair.reference))
        np.testing.assert_allclose(turned, values(call, pair), rtol=1e-12)


@EVERY
@settings(deadline=None, max_examples=20)
@given(pair=crowded())
def test_values_follow_their_class_when_labels_change_names(call: Call, pair: LabelPair) -> None:
    renamed = np.array([0, 9, 4], dtype=np.uint8)
    found = values(call, pair, prediction=renamed[pair.prediction], reference=renamed[pair.reference], classes=(9, 4))
    assert (found == values(call, pair)).all()


@pytest.mark.parametrize("call", BOTH_WAYS, ids=name)
@settings(deadline=None, max_examples=40)
@given(pair=crowded())
def test_panoptic_quality_is_symmetric(call: Call, pair: LabelPair) -> None:
    turned = values(call, pair, prediction=pair.reference, reference=pair.prediction)
    np.testing.assert_allclose(turned, values(call, pair), rtol=1e-12)


@settings(deadline=None, max_examples=60)
@given(pair=crowded(), voxels=st.integers(0, 3))
def test_grown_masks_equal_scipys(pair: LabelPair, voxels: int) -> None:
    mask = pair.reference == 1
    step = ndimage.generate_binary_structure(mask.ndim, 2)
    expected = ndimage.binary_dilation(mask, structure=step, iterations=voxels) if voxels else mask
    assert (dilate(mask, voxels=voxels) == expected).all()


@settings(deadline=None, max_examples=60)
@given(pair=crowded(), corners=st.booleans())
def test_shared_voxels_are_counted_for_every_pair_of_objects(pair: LabelPair, corners: bool) -> None:
    (first, many), (second, more) = (
        components(labels == 1, corners=corners) for labels in (pair.prediction, pair.reference)
    )
    expected = {
        (one, other): count
        for one in range(1, many + 1)
        for other in range(1, more + 1)
        if (count := int(np.count_nonzero((first == one) & (second == other))))
    }
    found = overlaps(first, second)
    assert dict(zip(zip(found.first, found.second, strict=True), found.voxels, strict=True)) == expected
