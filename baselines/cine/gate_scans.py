"""The scans that the gates measure on, under a public seed of their own: nobody trained on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.cine.data import GATE_SEED
from baselines.cine.io import Scan
from evaluators.phantoms.cine import acquire, simulate_subject
from evaluators.phantoms.encoding import root_sum_of_squares
from evaluators.phantoms.mapping import simulate_mapping
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.real_anatomy import simulate_real_subject
from evaluators.phantoms.sizes import ACCELERATIONS, DEMO, CineSize

#: the demo's matrix; three frames are what the challenge ranks
MATRIX = CineSize(nx=96, ny=72, coils=8, slices=2, frames=3)
#: the factor of whole series
SERIES_FACTOR = 8


@dataclass(frozen=True, kw_only=True)
class Case:
    """One measured scan and its reference (frame, slice, y, x)."""

    group: str
    factor: int
    scan: Scan
    reference: NDArray[np.float32]


def cases(*, subjects: int, real: int) -> Iterator[Case]:
    """Phantom subjects under the gates' public seed, then real anatomy."""
    for group, simulate, count in (("phantom", simulate_subject, subjects), ("real", simulate_real_subject, real)):
        yield from _measured(
            group=group, simulate=simulate, subjects=range(1, count + 1), size=MATRIX, factors=ACCELERATIONS
        )


def series(*, subjects: int) -> Iterator[Case]:
    """Whole series of phantom subjects, for methods that look at neighbours: films of eight frames, nine T1 and three T2 contrasts."""
    for group, simulate in (("film", simulate_subject), ("mapping", simulate_mapping)):
        yield from _measured(
            group=group, simulate=simulate, subjects=range(1, subjects + 1), size=DEMO, factors=(SERIES_FACTOR,)
        )


def _measured(
    *,
    group: str,
    simulate: Callable[..., Mapping[Any, Any]],
    subjects: Iterable[int],
    size: CineSize,
    factors: tuple[int, ...],
) -> Iterator[Case]:
    for subject in subjects:
        for view, scan in simulate(seed=GATE_SEED, subject=subject, size=size).items():

            def noise(what: str | int, subject: int = subject, name: str = f"{group}/{view}") -> Any:
                return stream(GATE_SEED, "noise", subject, name, what)

            full, _ = acquire(scan=scan, acceleration=None, rng=noise("full"))
            reference = root_sum_of_squares(full)
            for factor in factors:
                kspace, mask = acquire(scan=scan, acceleration=factor, rng=noise(factor))
                yield Case(group=group, factor=factor, scan=Scan(kspace=kspace, mask=mask), reference=reference)
