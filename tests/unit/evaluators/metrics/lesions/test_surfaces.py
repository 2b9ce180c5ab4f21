"""HD95 of many lesions at once is that of each lesion by itself, whatever shares a component with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from evaluators.metrics.labels import LabelPair
from evaluators.metrics.labels.hd95 import hd95_between
from evaluators.metrics.lesions import lesion_hd95
from evaluators.metrics.lesions.matching import LesionMatch, lesion_matches
from evaluators.metrics.lesions.surfaces import surfaces_by_number, undecided

RULES = ("brats2023-gli", "brats2023-met", "isles2022")


def cubes(seed: int, *, shape: tuple[int, ...], count: int, edge: int) -> np.ndarray:
    """Squares or cubes of up to `edge` voxels, anywhere."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, dtype=np.uint8)
    for _ in range(count):
        size = rng.integers(1, edge + 1)
        mask[tuple(slice(at, at + size) for at in rng.integers(0, shape))] = 1
    return mask


def sponge(seed: int, *, shape: tuple[int, ...]) -> np.ndarray:
    """One component through the whole image, with far more surface than any lesion."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), 1.2)
    mask: np.ndarray = (noise > -0.05).astype(np.uint8)
    return mask


def one_by_one(match: LesionMatch, *, spacing: tuple[float, ...]) -> list[float]:
    """By the definition: each lesion with the components that touch it, in the whole image."""
    return [
        hd95_between(
            np.isin(match.predicted, match.components_of(lesion)),
            match.lesions == lesion,
            spacing=spacing,
            variant="deepmind",
        )
        for lesion in match.counted[match.found]
    ]


def mean_of(found: LabelPair, *, rule: str) -> float:
    (match,) = lesion_matches(found, rule=rule)
    each = one_by_one(match, spacing=found.spacing)
    whole = match.counted.size + match.false_positives
    return (sum(each) + (whole - len(each)) * 374) / whole if whole else 0.0


def scored(prediction: np.ndarray, reference: np.ndarray, *, spacing: tuple[float, ...]) -> LabelPair:
    return LabelPair(prediction=prediction, reference=reference, classes=(1,), spacing=spacing)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("shape", "spacing"), [((90, 80), (1.0, 0.7)), ((34, 30, 26), (1.0, 1.0, 1.0)), ((34, 30, 16), (0.7, 0.9, 3.0))]
)
def test_scattered_components_give_the_values_of_each_lesion_by_itself(
    seed: int, shape: tuple[int, ...], spacing: tuple[float, ...], rule: str
) -> None:
    reference = cubes(seed, shape=shape, count=14, edge=5)
    prediction = cubes(seed + 50, shape=shape, count=9, edge=9)
    if seed % 2:
        prediction |= ndimage.binary_dilation(reference, iterations=2)
    found = scored(prediction, reference, spacing=spacing)
    assert lesion_hd95(found, rule=rule)[0] == pytest.approx(mean_of(found, rule=rule), rel=1e-12)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.8, 1.1, 2.5)])
@pytest.mark.parametrize("edge", [4, 20])
def test_one_component_that_every_lesion_touches_gives_them_too(edge: int, spacing: tuple[float, ...]) -> None:
    shape = (48, 44, 40)
    prediction = sponge(edge, shape=shape)
    reference = cubes(edge, shape=shape, count=12 if edge == 4 else 2, edge=edge)
    found = scored(prediction, reference, spacing=spacing)
    (match,) = lesion_matches(found, rule="brats2023-met")
    surfaces = surfaces_by_number(match.predicted, count=match.predicted_sizes.size - 1, spacing=spacing)
    assert max(surface.areas.size for surface in surfaces) > 20_000
    assert lesion_hd95(found, rule="brats2023-met")[0] == pytest.approx(mean_of(found, rule="brats2023-met"), rel=1e-12)


def test_where_a_share_of_the_surface_is_met_exactly_rounding_decides_as_it_does_alone() -> None:
    # slabs of equal faces: 95 % of the area may end at the last bit of a sum
    prediction = np.zeros((60, 40, 40), dtype=np.uint8)
    prediction[::3] = 1
    prediction[:, 0, 0] = 1
    reference = np.zeros_like(prediction)
    reference[30:32, 20:22, 20:22] = 1
    found = scored(prediction, reference, spacing=(1.0, 1.0, 1.0))
    assert lesion_hd95(found, rule="brats2023-met")[0] == pytest.approx(mean_of(found, rule="brats2023-met"), rel=1e-12)


def test_most_of_a_large_component_is_told_by_its_boxes() -> None:
    spacing = (1.0, 1.0, 1.0)
    (large,) = surfaces_by_number(np.ones((90, 90, 90), dtype=np.int32), count=1, spacing=spacing)
    lesion = np.zeros((90, 90, 90), dtype=np.int32)
    lesion[20:24, 30:34, 10:14] = 1
    (small,) = surfaces_by_number(lesion, count=1, spacing=spacing)
    low, high = large.corners
    asked, _ = undecided(low, high, large.box_areas, lesion=small, before=0.0, needed=0.95 * large.areas.sum())
    assert 0 < large.box_areas[asked].sum() < 0.25 * large.areas.sum()


def test_pieces_and_areas_are_those_of_each_object_by_itself() -> None:
    numbers = np.zeros((20, 20, 12), dtype=np.int32)
    numbers[2:6, 2:9, 3:5], numbers[8:15, 4:6, 2:9], numbers[17, 17, 11] = 1, 2, 3
    every = surfaces_by_number(numbers, count=3, spacing=(1.0, 2.0, 0.5))
    for number, surface in enumerate(every, start=1):
        (alone,) = surfaces_by_number((numbers == number).astype(np.int32), count=1, spacing=(1.0, 2.0, 0.5))
        assert np.array_equal(surface.places, alone.places)
        assert np.array_equal(surface.areas, alone.areas)
