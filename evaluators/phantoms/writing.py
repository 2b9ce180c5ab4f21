"""Measured scans as files: the reference, each acceleration factor and its mask."""

from __future__ import annotations

from pathlib import Path

from evaluators.phantoms.layout import Place, write_kspace, write_mask
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.scan import Scan, acquire
from evaluators.phantoms.sizes import ACCELERATIONS


def write_measured(*, place: Place, scan: Scan, seed: bytes | int, names: tuple[str | int, ...]) -> list[Path]:
    """Write one scan's reference, its three undersampled files and their masks; noise is independent in each.

    names: which scan this is, for its noise. Returns the files.
    """
    paths = []
    for acceleration in (*ACCELERATIONS, None):
        noise = stream(seed, "noise", *names, acceleration or "full")
        kspace, mask = acquire(scan=scan, acceleration=acceleration, rng=noise)
        path = place.file(acceleration)
        paths.append(write_kspace(path=path, variable=place.variable(acceleration), kspace=kspace))
        if acceleration is not None:
            paths.append(write_mask(beside=path, acceleration=acceleration, mask=mask))
    return paths
