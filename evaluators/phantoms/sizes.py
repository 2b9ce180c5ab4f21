"""How large a simulated cine scan is, and the views and acceleration factors that CMRxRecon 2023 scans come in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from evaluators.phantoms.errors import ImpossibleSize

ACCELERATIONS = (4, 8, 10)


class View(StrEnum):
    """The stack of short-axis slices, or long-axis views (four, two and three chambers) in place of slices."""

    SAX = "sax"
    LAX = "lax"


class Weighting(StrEnum):
    """What a mapping scan is made for; the value is the scan's file name."""

    T1 = "T1map"
    T2 = "T2map"


@dataclass(frozen=True, kw_only=True)
class CineSize:
    """Matrix of one multi-coil cine scan: nx readout points, ny phase-encoding lines, then coils, slices, frames.

    Raises ImpossibleSize for odd matrices (the challenge's MATLAB and Python transforms differ by one pixel there)
    and for anything above 512 x 246 (coils 10, slices 12, frames 12), the largest scan of the real set.
    """

    nx: int
    ny: int
    coils: int
    slices: int
    frames: int

    def __post_init__(self) -> None:
        limits = {"nx": (32, 512), "ny": (32, 246), "coils": (1, 10), "slices": (1, 12), "frames": (1, 12)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ImpossibleSize(f"{name}={getattr(self, name)}: choose a number from {low} to {high}.")
        if self.nx % 2 or self.ny % 2:
            raise ImpossibleSize(f"nx={self.nx}, ny={self.ny}: choose even numbers.")


DEMO = CineSize(nx=96, ny=72, coils=8, slices=2, frames=8)
FULL = CineSize(nx=512, ny=246, coils=10, slices=12, frames=12)
