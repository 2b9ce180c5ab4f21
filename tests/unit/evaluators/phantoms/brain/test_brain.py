"""Heads with lesions: what a modality shows of what, and that nothing but the seed decides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from evaluators.phantoms.brain.anatomy import Tissues, real_tissues, simulated_tissues
from evaluators.phantoms.brain.contrast import Modality, Scanner, scan
from evaluators.phantoms.brain.grid import HeadGrid
from evaluators.phantoms.brain.lesions import SMALLEST, Lesion, Part, draw, mask
from evaluators.phantoms.randomness import stream

GRID = HeadGrid()
ANATOMIES: list[Callable[..., Tissues]] = [simulated_tissues, real_tissues]


def volume(
    seed: int, *, lesion: Lesion, modality: Modality, anatomy: Callable[..., Tissues] = simulated_tissues
) -> tuple[np.ndarray, np.ndarray, Tissues]:
    """(volume over its own white matter's mean, lesion mask, tissues)"""
    rng = stream(seed, "brain", lesion)
    tissues = anatomy(grid=GRID, rng=rng)
    parts = draw(lesion, grid=GRID, tissues=tissues, rng=rng)
    picture = scan(modality=modality, tissues=tissues, parts=parts, grid=GRID, scanner=Scanner.HOME, rng=rng)
    ill = mask(parts)
    sound = (tissues.white > 0.9) & ~ill
    return picture / picture[sound].mean(), ill, tissues


def contrast(lesion: Lesion, modality: Modality) -> float:
    """Lesion's mean signal over that of sound white matter, less one; mean over some heads."""
    return float(
        np.mean(
            [
                picture[ill].mean() - 1
                for picture, ill, _ in (volume(seed, lesion=lesion, modality=modality) for seed in range(4))
            ]
        )
    )


@pytest.mark.parametrize("anatomy", ANATOMIES)
def test_tissue_shares_are_shares_and_the_brain_has_the_size_of_a_brain(anatomy: Callable[..., Tissues]) -> None:
    tissues = anatomy(grid=GRID, rng=stream(3, "size"))
    whole = tissues.fluid + tissues.grey + tissues.white
    assert min(share.min() for share in (tissues.fluid, tissues.grey, tissues.white)) >= 0
    assert whole.max() <= 1 + 1e-5
    litres = whole.sum() * GRID.spacing**3 / 1e6
    assert 0.9 < litres < 2.2
    # nothing of it touches the edge of the grid from side to side or front to back
    assert whole[0].max() == whole[-1].max() == whole[:, 0].max() == whole[:, -1].max() == 0


@pytest.mark.parametrize("anatomy", ANATOMIES)
@pytest.mark.parametrize("lesion", list(Lesion))
def test_the_same_seed_gives_the_same_head_and_another_seed_another(
    lesion: Lesion, anatomy: Callable[..., Tissues]
) -> None:
    one, ill, _ = volume(1, lesion=lesion, modality=Modality.FLAIR, anatomy=anatomy)
    again, ill_again, _ = volume(1, lesion=lesion, modality=Modality.FLAIR, anatomy=anatomy)
    other, ill_other, _ = volume(2, lesion=lesion, modality=Modality.FLAIR, anatomy=anatomy)
    assert np.array_equal(one, again)
    assert np.array_equal(ill, ill_again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(ill, ill_other)
    assert ill.sum() >= SMALLEST


def test_every_lesion_is_bright_on_flair_and_a_stroke_brightest_on_dwi() -> None:
    assert min(contrast(lesion, Modality.FLAIR) for lesion in Lesion) > 0.2
    assert contrast(Lesion.STROKE, Modality.DWI) > 0.6


def test_white_matter_patches_are_nearly_invisible_on_diffusion_and_faint_on_t1() -> None:
    assert abs(contrast(Lesion.WMH, Modality.DWI)) < 0.15
    assert -0.3 < contrast(Lesion.WMH, Modality.T1) < -0.05


def test_fluid_is_dark_on_t1_and_bright_on_t2() -> None:
    for modality, bright in ((Modality.T1, False), (Modality.T2, True)):
        picture, ill, tissues = volume(5, lesion=Lesion.MS, modality=modality)
        fluid = picture[(tissues.fluid > 0.9) & ~ill].mean()
        assert (fluid > 1.5) if bright else (fluid < 0.5)


def test_a_tumours_rim_lights_up_with_contrast_agent_alone() -> None:
    rng = stream(7, "rim")
    tissues = simulated_tissues(grid=GRID, rng=rng)
    parts = draw(Lesion.TUMOUR, grid=GRID, tissues=tissues, rng=rng)
    rim = parts[Part.RIM] > 0.6
    before, after = (
        scan(modality=modality, tissues=tissues, parts=parts, grid=GRID, scanner=Scanner.HOME, rng=stream(7, modality))
        for modality in (Modality.T1, Modality.T1CE)
    )
    sound = (tissues.white > 0.9) & ~mask(parts)
    assert after[rim].mean() / after[sound].mean() > 1.1
    assert before[rim].mean() / before[sound].mean() < 0.85


def test_a_scanner_away_is_noisier() -> None:
    rng = stream(9, "away")
    tissues = simulated_tissues(grid=GRID, rng=rng)
    core = tissues.white > 0.98

    def grain(scanner: Scanner) -> float:
        pictures = [
            scan(modality=Modality.T1, tissues=tissues, parts={}, grid=GRID, scanner=scanner, rng=stream(seed, scanner))
            for seed in range(4)
        ]
        return float(np.mean([np.diff(p, axis=0)[core[1:] & core[:-1]].std() / p[core].mean() for p in pictures]))

    assert grain(Scanner.AWAY) > 1.2 * grain(Scanner.HOME)
