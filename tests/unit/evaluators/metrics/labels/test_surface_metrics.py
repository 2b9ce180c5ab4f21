"""HD95, NSD and ASSD: cases worked by hand, and how the variants part."""

from __future__ import annotations

from math import hypot, inf, sqrt

import numpy as np
import pytest

from evaluators.contract.metrics import OptionProblem
from evaluators.metrics import METRICS
from evaluators.metrics.labels import LabelPair, assd, hd95, hd95_between, nsd

from .drawings import Mask, pair, picture

VARIANTS = ("monai", "medpy", "deepmind")


def point(*at: int, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[at] = True
    return mask


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_voxels_are_as_far_apart_as_they_lie_in_millimetres(variant: str) -> None:
    shape = (9, 9, 9)
    found = pair(point(1, 2, 3, shape=shape), point(4, 2, 5, shape=shape), spacing=(2.0, 7.0, 1.5))
    # the corners that face each other are one step nearer along each axis that parts them: 2 and 1 steps, not 3 and 2;
    # more than 5 % of the area lies at corners as far apart as the voxels themselves
    assert hd95(found, variant=variant)[0] == pytest.approx(hypot(6, 3))


def test_mean_and_tolerance_of_two_voxels() -> None:
    found = pair(point(1, 1, shape=(9, 9)), point(1, 4, shape=(9, 9)), spacing=(1.0, 2.0))
    assert assd(found)[0] == 6
    assert nsd(found, tolerance=5.9)[0] == 0
    assert nsd(found, tolerance=6.0)[0] == 1
    # of the four corners of each pixel two lie 4 mm from the other pixel's, two lie 6 mm
    assert nsd(found, tolerance=4.0, variant="surfel")[0] == pytest.approx(1 / 2)
    assert nsd(found, tolerance=6.0, variant="surfel")[0] == 1


def test_a_line_twenty_pixels_longer_has_its_own_percentile_in_each_variant() -> None:
    shape = (1, 60)
    prediction, reference = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    reference[0, :20] = True
    prediction[0, :40] = True
    found = pair(prediction, reference)
    # from the prediction: 20 times 0, then 1 to 20; place 0.95 * 39 = 37.05. From the reference: all 0
    assert hd95(found, variant="monai")[0] == pytest.approx(18.05)
    # 40 times 0, then 1 to 20; place 0.95 * 59 = 56.05
    assert hd95(found, variant="medpy")[0] == pytest.approx(17.05)
    # two long sides of 39 corners, 1 mm each, and four corners of sqrt(1/2): 95 % of 80.83 mm are within 18 of the 20 mm
    assert hd95(found, variant="deepmind")[0] == 18
    assert assd(found)[0] == pytest.approx(sum(range(21)) / 60)


def test_the_surface_of_a_square_is_its_edge_not_its_inside() -> None:
    square = np.zeros((9, 9), dtype=np.bool_)
    square[2:7, 2:7] = True
    hollow = square.copy()
    hollow[4, 4] = False
    # the hole's four neighbours are border voxels, 1 mm inside the square's border
    assert hd95_between(hollow, square, spacing=(1.0, 1.0)) == 1
    assert assd(pair(hollow, square))[0] == pytest.approx(4 / 36)
    assert nsd(pair(hollow, square), tolerance=0.5)[0] == pytest.approx(32 / 36)


def test_a_mask_cut_by_the_image_has_a_surface_at_the_cut() -> None:
    whole = np.ones((5, 5), dtype=np.bool_)
    inner = np.zeros_like(whole)
    inner[1:4, 1:4] = True
    assert hd95_between(whole, inner, spacing=(1.0, 1.0)) == pytest.approx(sqrt(2))
    # sixteen border pixels, four of them sqrt(2) away; eight of the other, 1 away
    assert assd(pair(whole, inner))[0] == pytest.approx((12 + 4 * sqrt(2) + 8) / 24)


def test_pixels_that_meet_at_a_corner_alone_are_both_border() -> None:
    assert hd95_between(picture("#. .#"), picture("## ##"), spacing=(3.0, 4.0)) == pytest.approx(3.0)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3)])
def test_one_empty_mask_counts_the_diagonal_and_two_count_nothing(shape: tuple[int, ...], variant: str) -> None:
    spacing = (1.5, 2.0, 5.0)[: len(shape)]
    nothing, something = np.zeros(shape, dtype=np.bool_), point(*(1,) * len(shape), shape=shape)
    diagonal = hypot(*(size * step for size, step in zip(shape, spacing, strict=True)))
    for one, other, mm, share in (
        (nothing, something, diagonal, 0),
        (something, nothing, diagonal, 0),
        (nothing, nothing, 0, 1),
    ):
        found = pair(one, other, spacing=spacing)
        assert hd95(found, variant=variant)[0] == pytest.approx(mm)
        assert assd(found)[0] == pytest.approx(mm)
        for way in ("voxel", "surfel"):
            assert nsd(found, tolerance=100.0, variant=way)[0] == share


def test_two_masks_by_themselves_have_no_image_to_take_the_diagonal_of() -> None:
    nothing, something = np.zeros((3, 3), dtype=np.bool_), np.ones((3, 3), dtype=np.bool_)
    assert hd95_between(nothing, something, spacing=(1.0, 1.0)) == inf
    assert hd95_between(something, nothing, spacing=(1.0, 1.0), variant="deepmind") == inf
    assert hd95_between(nothing, nothing, spacing=(1.0, 1.0), variant="medpy") == 0


def test_a_distance_equal_to_the_tolerance_is_judged_in_the_precision_of_the_peer() -> None:
    found = pair(point(0, shape=(9, 1))[:, :1], point(3, shape=(9, 1))[:, :1], spacing=(0.1, 0.1))
    # three steps of 0.1 mm are 0.30000000000000004 mm: within 0.3 for MONAI, in single precision
    assert nsd(found, tolerance=0.3)[0] == 1
    # and beyond it for surface-distance, which keeps the last digit: two corners of each pixel are 0.2 mm away
    assert nsd(found, tolerance=0.3, variant="surfel")[0] == pytest.approx(1 / 2)


def test_a_tolerance_must_be_given() -> None:
    with pytest.raises(OptionProblem, match="nsd needs tolerance, a number in mm"):
        METRICS["nsd"].spec.settle({"variant": "surfel"})
    with pytest.raises(OptionProblem, match="above 0 mm"):
        METRICS["nsd"].spec.settle({"tolerance": "0"})


def test_metrics_of_one_pair_share_the_distances() -> None:
    labels = np.zeros((6, 6), dtype=np.uint8)
    labels[2:4, 2:4] = 1
    found = LabelPair(prediction=labels, reference=labels, classes=(1,), spacing=(1.0, 1.0))
    hd95(found)
    kept = dict(found.shared)
    nsd(found, tolerance=1.0)
    assd(found)
    hd95(found, variant="medpy")
    assert found.shared == kept
