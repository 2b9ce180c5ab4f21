"""What must hold of every overlap and surface metric, for random label maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.metrics import METRICS
from evaluators.metrics.labels import LabelPair, dice, iou

from .drawings import CALLS, IN_MM, label_pairs, like, name

EVERY = pytest.mark.parametrize("call", CALLS, ids=name)
#: a relative error asks which of the two is the reference
BOTH_WAYS = [call for call in CALLS if call[1].get("kind") != "absolute_relative"]
Call = tuple[str, dict[str, Any]]


def values(call: Call, pair: LabelPair) -> Any:
    key, options = call
    return METRICS[key].function(pair, **options)


def both_there(pair: LabelPair) -> Any:
    return np.array([(pair.prediction == c).any() and (pair.reference == c).any() for c in pair.classes])


@EVERY
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs())
def test_values_are_finite_within_their_bounds_one_a_class(call: Call, pair: LabelPair) -> None:
    found = values(call, pair)
    low, high = METRICS[call[0]].spec.bounds
    assert found.dtype == np.float64
    assert found.shape == (3,)
    assert np.isfinite(found).all()
    assert (found >= low).all()
    assert (found <= (pair.diagonal if call[0] in IN_MM else high or np.inf)).all()


@EVERY
@settings(deadline=None, max_examples=30)
@given(pair=label_pairs())
def test_a_map_against_itself_is_perfect(call: Call, pair: LabelPair) -> None:
    perfect = 1.0 if METRICS[call[0]].spec.better == "higher" else 0.0
    assert (values(call, like(pair, prediction=pair.reference)) == perfect).all()


@pytest.mark.parametrize("call", BOTH_WAYS, ids=name)
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs())
def test_prediction_and_reference_may_change_places(call: Call, pair: LabelPair) -> None:
    turned = like(pair, prediction=pair.reference, reference=pair.prediction)
    np.testing.assert_allclose(values(call, turned), values(call, pair), rtol=1e-12)


@EVERY
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs(), margins=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=3))
def test_background_all_around_changes_nothing(call: Call, pair: LabelPair, margins: list[tuple[int, int]]) -> None:
    around = margins[: pair.reference.ndim]
    wider = like(pair, prediction=np.pad(pair.prediction, around), reference=np.pad(pair.reference, around))
    # but the image's diagonal, which counts where a mask is empty
    kept = both_there(pair) if call[0] in IN_MM else slice(None)
    assert (values(call, wider)[kept] == values(call, pair)[kept]).all()


@EVERY
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs(), names=st.permutations([4, 1, 9]))
def test_values_follow_their_class_when_labels_are_renamed(call: Call, pair: LabelPair, names: list[int]) -> None:
    renamed = np.array([0, *names], dtype=np.int32)
    other = like(
        pair,
        prediction=renamed[pair.prediction],
        reference=renamed[pair.reference],
        classes=tuple(sorted(names)),
    )
    found = dict(zip(other.classes, values(call, other), strict=True))
    assert [found[renamed[label]] for label in pair.classes] == values(call, pair).tolist()


@EVERY
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs(), data=st.data())
def test_axes_may_be_turned_with_their_spacing(call: Call, pair: LabelPair, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(pair.reference.ndim)))
    flipped = tuple(data.draw(st.lists(st.sampled_from(order), unique=True)))
    turned = like(
        pair,
        prediction=np.flip(pair.prediction, flipped).transpose(order),
        reference=np.flip(pair.reference, flipped).transpose(order),
        spacing=tuple(pair.spacing[axis] for axis in order),
    )
    np.testing.assert_allclose(values(call, turned), values(call, pair), rtol=1e-12)


@EVERY
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs(), scale=st.sampled_from((0.5, 2.0, 4.0)))
def test_distances_grow_with_the_spacing_and_shares_with_the_tolerance_do_not(
    call: Call, pair: LabelPair, scale: float
) -> None:
    key, options = call
    larger = like(pair, spacing=tuple(scale * step for step in pair.spacing))
    changed = {**options, "tolerance": scale * options["tolerance"]} if "tolerance" in options else options
    wanted = values(call, pair) * (scale if key in IN_MM else 1)
    np.testing.assert_allclose(METRICS[key].function(larger, **changed), wanted, rtol=1e-12)


@EVERY
@settings(deadline=None, max_examples=60)
@given(pair=label_pairs(), data=st.data())
def test_kind_of_number_order_of_memory_and_permission_to_write_do_not_matter(
    call: Call, pair: LabelPair, data: st.DataObject
) -> None:
    kinds = st.sampled_from(["u1", "i1", "<u2", ">i2", "i4", "u4", "i8", "u8"])
    layouts = st.sampled_from(["C", "F", "strided", "read-only"])
    maps = [
        _laid_out(labels.astype(data.draw(kinds)), data.draw(layouts)) for labels in (pair.prediction, pair.reference)
    ]
    # whole-number spacings are numbers too
    spacing = tuple(int(step) if step == int(step) else step for step in pair.spacing)
    other = like(pair, prediction=maps[0], reference=maps[1], spacing=spacing)
    assert (values(call, other) == values(call, pair)).all()


def _laid_out(labels: Any, layout: str) -> Any:
    if layout == "F":
        return np.asfortranarray(labels)
    if layout == "strided":
        return np.repeat(labels, 2, axis=-1)[..., ::2]
    labels.flags.writeable = layout != "read-only"
    return labels


@settings(deadline=None, max_examples=60)
@given(pair=label_pairs())
def test_dice_and_iou_tell_the_same(pair: LabelPair) -> None:
    np.testing.assert_allclose(iou(pair), dice(pair) / (2 - dice(pair)), rtol=1e-12)


@settings(deadline=None, max_examples=60)
@given(pair=label_pairs(), tolerance=st.floats(0.1, 20.0), more=st.floats(0.0, 5.0))
@pytest.mark.parametrize("variant", ["voxel", "surfel"])
def test_a_greater_tolerance_never_lowers_the_share(
    variant: str, pair: LabelPair, tolerance: float, more: float
) -> None:
    nsd = METRICS["nsd"].function
    assert (
        nsd(pair, tolerance=tolerance, variant=variant) <= nsd(pair, tolerance=tolerance + more, variant=variant)
    ).all()


@EVERY
@settings(deadline=None, max_examples=30)
@given(pair=label_pairs())
def test_labels_that_count_as_one_mask_are_that_mask(call: Call, pair: LabelPair) -> None:
    first, second, third = pair.members
    (a,), (b,), (c,) = first, second, third
    union = LabelPair(
        prediction=pair.prediction, reference=pair.reference, classes=((a, b), c, (a, b, c)), spacing=pair.spacing
    )
    for position, members in enumerate(union.members):
        merged = [np.isin(labels, members).astype(np.uint8) for labels in (pair.prediction, pair.reference)]
        alone = LabelPair(prediction=merged[0], reference=merged[1], classes=(1,), spacing=pair.spacing)
        assert values(call, union)[position] == values(call, alone)[0]
