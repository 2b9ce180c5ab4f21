"""Relaxation times of the tissues in a chest at 3 tesla, and their signal in cine (balanced SSFP)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import cos, exp, radians, sin

import numpy as np


class Tissue(StrEnum):
    """Everything that the phantom paints."""

    AIR = "air"
    LUNG = "lung"
    BLOOD = "blood"
    MYOCARDIUM = "myocardium"
    MUSCLE = "muscle"
    FAT = "fat"
    SKIN = "skin"
    LIVER = "liver"
    SPLEEN = "spleen"
    MARROW = "marrow"
    CORTEX = "cortical bone"
    FLUID = "cerebrospinal fluid"
    CORD = "spinal cord"
    STOMACH = "stomach content"


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """T1 and T2 in milliseconds, proton density relative to water."""

    t1: float
    t2: float
    density: float


# 3 T, rounded from Stanisz et al. 2005 (doi 10.1002/mrm.20605) and de Bazelaire et al. 2004 (doi 10.1148/radiol.2303021331);
# lung, cortical bone and stomach content are set by eye
TISSUES: dict[Tissue, Relaxation] = {
    Tissue.AIR: Relaxation(t1=1000.0, t2=50.0, density=0.0),
    Tissue.LUNG: Relaxation(t1=1200.0, t2=40.0, density=0.15),
    Tissue.BLOOD: Relaxation(t1=1930.0, t2=275.0, density=0.95),
    Tissue.MYOCARDIUM: Relaxation(t1=1470.0, t2=47.0, density=0.85),
    Tissue.MUSCLE: Relaxation(t1=1410.0, t2=40.0, density=0.80),
    Tissue.FAT: Relaxation(t1=380.0, t2=110.0, density=0.75),
    Tissue.SKIN: Relaxation(t1=1100.0, t2=45.0, density=0.65),
    Tissue.LIVER: Relaxation(t1=810.0, t2=38.0, density=0.80),
    Tissue.SPLEEN: Relaxation(t1=1330.0, t2=62.0, density=0.85),
    Tissue.MARROW: Relaxation(t1=590.0, t2=55.0, density=0.60),
    Tissue.CORTEX: Relaxation(t1=1000.0, t2=15.0, density=0.10),
    Tissue.FLUID: Relaxation(t1=4000.0, t2=1500.0, density=1.0),
    Tissue.CORD: Relaxation(t1=990.0, t2=78.0, density=0.75),
    Tissue.STOMACH: Relaxation(t1=1800.0, t2=120.0, density=0.70),
}


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """Repetition and echo time in milliseconds, flip angle in degrees."""

    tr: float
    te: float
    flip: float


def bssfp(*, tissue: Relaxation, sequence: Sequence) -> float:
    """Steady-state transverse magnetisation on resonance, relative to the equilibrium magnetisation of water.

    PD sin(a) (1-E1) / (1 - (E1-E2) cos(a) - E1 E2) exp(-TE/T2), with E = exp(-TR/T); Scheffler and Lehnhardt 2003,
    doi 10.1007/s00330-003-1957-x.
    """
    e1, e2 = exp(-sequence.tr / tissue.t1), exp(-sequence.tr / tissue.t2)
    angle = radians(sequence.flip)
    steady = sin(angle) * (1 - e1) / (1 - (e1 - e2) * cos(angle) - e1 * e2)
    return tissue.density * steady * exp(-sequence.te / tissue.t2)


def subject_tissues(*, rng: np.random.Generator) -> tuple[Sequence, dict[Tissue, Relaxation]]:
    """One subject's cine sequence and own relaxation times (5 % spread)."""
    sequence = Sequence(tr=rng.uniform(3.0, 4.0), te=rng.uniform(1.3, 1.8), flip=rng.uniform(40.0, 60.0))

    def vary(tissue: Relaxation) -> Relaxation:
        return Relaxation(
            t1=tissue.t1 * rng.normal(1.0, 0.05),
            t2=tissue.t2 * rng.normal(1.0, 0.05),
            density=tissue.density * rng.normal(1.0, 0.04),
        )

    return sequence, {name: vary(tissue) for name, tissue in TISSUES.items()}


def subject_signals(*, rng: np.random.Generator) -> dict[Tissue, float]:
    """bSSFP signal of every tissue in one subject."""
    sequence, tissues = subject_tissues(rng=rng)
    return {name: bssfp(tissue=tissue, sequence=sequence) for name, tissue in tissues.items()}
