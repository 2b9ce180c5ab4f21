"""What each modality shows: signals of tissues and lesion parts, and what a scanner adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from evaluators.phantoms.brain.anatomy import Tissues
from evaluators.phantoms.brain.grid import Field, HeadGrid
from evaluators.phantoms.brain.lesions import Part, Parts


class Modality(StrEnum):
    """Weighting of one MR volume."""

    T1 = "t1"
    T1CE = "t1ce"
    T2 = "t2"
    FLAIR = "flair"
    DWI = "dwi"


#: (fluid, grey, white), white matter of T1 = 0.8
TISSUE: Mapping[Modality, tuple[float, float, float]] = MappingProxyType(
    {
        Modality.T1: (0.18, 0.56, 0.80),
        Modality.T1CE: (0.18, 0.60, 0.82),
        Modality.T2: (1.05, 0.62, 0.45),
        Modality.FLAIR: (0.12, 0.66, 0.55),
        Modality.DWI: (0.16, 0.56, 0.46),
    }
)
#: signal of a lesion part where the modality shows it; about that of its surroundings where it does not
LESION: Mapping[Part, Mapping[Modality, float]] = MappingProxyType(
    {
        Part.OEDEMA: {
            Modality.T1: 0.60,
            Modality.T1CE: 0.62,
            Modality.T2: 0.86,
            Modality.FLAIR: 0.88,
            Modality.DWI: 0.52,
        },
        Part.CORE: {
            Modality.T1: 0.34,
            Modality.T1CE: 0.34,
            Modality.T2: 0.92,
            Modality.FLAIR: 0.58,
            Modality.DWI: 0.42,
        },
        Part.RIM: {Modality.T1: 0.52, Modality.T1CE: 1.30, Modality.T2: 0.72, Modality.FLAIR: 0.80, Modality.DWI: 0.70},
        Part.INFARCT: {
            Modality.T1: 0.42,
            Modality.T1CE: 0.45,
            Modality.T2: 0.80,
            Modality.FLAIR: 0.80,
            Modality.DWI: 0.98,
        },
        Part.PATCH: {
            Modality.T1: 0.64,
            Modality.T1CE: 0.66,
            Modality.T2: 0.72,
            Modality.FLAIR: 0.92,
            Modality.DWI: 0.50,
        },
        Part.PLAQUE: {
            Modality.T1: 0.56,
            Modality.T1CE: 0.60,
            Modality.T2: 0.82,
            Modality.FLAIR: 0.92,
            Modality.DWI: 0.54,
        },
        Part.ACTIVE: {
            Modality.T1: 0.56,
            Modality.T1CE: 1.00,
            Modality.T2: 0.85,
            Modality.FLAIR: 0.95,
            Modality.DWI: 0.62,
        },
    }
)


class Scanner(StrEnum):
    """Where a volume was taken: sites differ in noise, shading and intensity curve."""

    HOME = "home"
    #: seen in no training set: noisier, other shading, another curve
    AWAY = "away"


def scan(
    *,
    modality: Modality,
    tissues: Tissues,
    parts: Parts,
    grid: HeadGrid,
    scanner: Scanner,
    rng: np.random.Generator,
) -> Field:
    """One volume (x, y, z), float32, arbitrary unit, zero outside the brain: signals, shading, curve, noise."""
    signals = [value * rng.normal(1, 0.04) for value in TISSUE[modality]]
    signal = signals[0] * tissues.fluid + signals[1] * tissues.grey + signals[2] * tissues.white
    for part, share in parts.items():
        seen = LESION[part][modality] * rng.normal(1, 0.05)
        signal = signal * (1 - share) + seen * share
    away = scanner is Scanner.AWAY
    shading = np.exp((0.14 if away else 0.09) * grid.smooth_noise(scale=110, rng=rng))
    signal = signal * shading * (1 + 0.03 * grid.smooth_noise(scale=10, rng=rng))
    brain = np.clip(tissues.fluid + tissues.grey + tissues.white, 0, 1)
    curve = rng.uniform(0.75, 0.9) if away else rng.uniform(0.9, 1.12)
    signal = np.clip(signal, 0, None) ** curve
    sigma = (0.055 if away else 0.035) * rng.uniform(0.7, 1.3)
    # magnitude images: noise is Rician
    noisy = np.hypot(signal + rng.normal(0, sigma, grid.shape), rng.normal(0, sigma, grid.shape))
    volume: Field = (noisy * (brain > 0.5) * rng.uniform(300, 1500)).astype(np.float32)
    return volume
