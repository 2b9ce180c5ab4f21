"""Loading one 200 MB scan of k-space from .mat v7.3, contiguous and gzip: ours beside mat73, hdf5storage and plain h5py.
`var/bench/venv/bin/python -m tests.benchmarks.bench_load`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import h5py
import hdf5storage
import mat73
import numpy as np
from numpy.typing import NDArray

from evaluators.phantoms.layout import COMPLEX
from evaluators.readers.hdf5_parser import describe
from evaluators.readers.hdf5_values import load
from tests.benchmarks.harness import Contender, Disagreement, Row, compare, main

#: (frame, slice, coil, ky, kx) as stored; CMRxRecon's validation scans at factor 4
SHAPE = (12, 2, 10, 204, 512)
CHUNK = (1, 1, 1, 102, 512)
NAME = "kspace_sub04"
KSpace = NDArray[np.complex64]


def ours(path: Path, *, threads: int) -> KSpace:
    """As the readers load, and one value of every page touched: what a map has not shown yet is not loaded."""
    with path.open("rb") as file:
        found = describe(file.fileno(), variable=NAME)
        values: KSpace = load(found, descriptor=file.fileno(), threads=threads)
    values.reshape(-1)[::512].sum()
    return values.T


def plain_h5py(path: Path) -> KSpace:
    """What the challenges' own loaders do."""
    with h5py.File(path, "r") as file:
        stored = file[NAME][()]
    values: KSpace = (stored["real"] + 1j * stored["imag"]).T
    return values


def _write(path: Path, **storage: Any) -> Path:
    """Noise on every fourth line of ky and the central 24, zeros between, as the challenge's k-space is."""
    rng = np.random.default_rng(0)
    values = np.zeros(SHAPE, dtype=np.complex64)
    for lines in (slice(None, None, 4), slice(SHAPE[3] // 2 - 12, SHAPE[3] // 2 + 12)):
        kept = values[..., lines, :]
        kept.real, kept.imag = rng.standard_normal(kept.shape), rng.standard_normal(kept.shape)
    with h5py.File(path, "w", userblock_size=512) as file:
        data = file.create_dataset(NAME, data=values.view(COMPLEX), **storage)
        data.attrs["MATLAB_class"] = np.bytes_("single")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM")
    return path


def _equal(mine: KSpace, peers: KSpace) -> str:
    if mine.shape != peers.shape or not np.array_equal(mine, peers):
        raise Disagreement("the arrays differ")
    return "equal"


def _table(path: Path, *, form: str, threads: int, mat73_wanted: float = 1.0, h5py_wanted: float = 1.0) -> list[Row]:
    return compare(
        work=f"load 200 MB of k-space, .mat v7.3, {form}",
        ours=Contender(name="ours", run=lambda: ours(path, threads=threads)),
        peers=[
            (Contender(name="mat73", run=lambda: mat73.loadmat(str(path))[NAME]), mat73_wanted),
            (Contender(name="hdf5storage", run=lambda: hdf5storage.loadmat(str(path))[NAME]), 1.0),
            (Contender(name="h5py, real + 1j imag", run=lambda: plain_h5py(path)), h5py_wanted),
        ],
        agreement=_equal,
        threads=threads,
    )


def rows() -> list[Row]:
    """Warm files; the peers have one thread each."""
    with tempfile.TemporaryDirectory() as folder:
        plain = _write(Path(folder) / "plain.mat")
        packed = _write(Path(folder) / "packed.mat", chunks=CHUNK, compression="gzip", compression_opts=3)
        return [
            *_table(plain, form="contiguous", threads=1, mat73_wanted=22.0),
            *_table(packed, form="gzip", threads=1, h5py_wanted=1.7),
            *_table(packed, form="gzip", threads=2, h5py_wanted=2.2),
        ]


if __name__ == "__main__":
    main(rows)
