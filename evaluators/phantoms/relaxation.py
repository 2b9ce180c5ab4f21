"""Signal of mapping sequences: inversion recovery as MOLLI samples it, and T2 preparation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.signal import Relaxation

Times = NDArray[np.float32]

#: milliseconds after an inversion at which its first image is taken; MOLLI 4(1)3(1)2 gives nine images
_FIRST, _STEP, _BEATS = 100.0, 80.0, (4, 3, 2)
#: T2-prepared images: without preparation, and two durations (milliseconds)
ECHO_TIMES = (0.0, 25.0, 55.0)


def inversion_times(*, rng: np.random.Generator, slices: int, beat: float) -> Times:
    """(slice, 9) in milliseconds, rising: three inversions, one image a heartbeat of about `beat` ms."""
    table = np.empty((slices, sum(_BEATS)), dtype=np.float32)
    for row in table:
        found = []
        for number, images in enumerate(_BEATS):
            intervals = beat * rng.normal(1.0, 0.04, images - 1)
            found += list(_FIRST + _STEP * number + np.concatenate([[0.0], np.cumsum(intervals)]))
        row[:] = np.sort(np.round(found, 1))
    return table


def inversion_recovery(*, tissue: Relaxation, times: Times, drive: float) -> Times:
    """Signed signal after an inversion, driven by the readout: A - B exp(-TI/T1*) with T1 = T1* (B/A - 1), exactly.

    1/T1* = 1/T1 + drive and A/M0 = T1*/T1, as for a train of small flip angles (Look and Locker 1970,
    doi 10.1063/1.1684482; the correction after Deichmann and Haase 1992, doi 10.1016/0022-2364(92)90347-A).
    drive: 1/ms, 0 for undisturbed recovery.
    """
    apparent = 1 / (1 / tissue.t1 + drive)
    steady = apparent / tissue.t1
    recovered: Times = (tissue.density * (steady - (1 + steady) * np.exp(-times / apparent))).astype(np.float32)
    return recovered


def t2_prepared(*, tissue: Relaxation, times: Times) -> Times:
    """density exp(-TE/T2): mono-exponential, as the challenge's fit takes it."""
    decayed: Times = (tissue.density * np.exp(-times / tissue.t2)).astype(np.float32)
    return decayed
