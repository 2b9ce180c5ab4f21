"""Files as teams write them, and the raw pieces of MAT 5 from which the hostile ones are built."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.io

from evaluators.contract.cases import OutputSpec

SHAPE = (6, 5, 3, 2)
WANTED = OutputSpec(
    path="cine_sax.mat", variable="img4ranking", shape=SHAPE, dtypes=("f4", "f8"), formats=("mat-v7", "mat-v7.3")
)


def image(shape: tuple[int, ...] = SHAPE, dtype: str = "float32") -> np.ndarray:
    """Every value differs, so that a wrong order of axes shows."""
    return (np.arange(np.prod(shape)).reshape(shape) / 7 + 0.1).astype(dtype)


def write_v7(path: Path, values: Any, *, name: str = "img4ranking", compress: bool = True) -> Path:
    """As scipy.io.savemat and MATLAB's save do."""
    scipy.io.savemat(path, {name: values}, do_compression=compress)
    return path


def write_v73(
    path: Path, values: np.ndarray, *, name: str = "img4ranking", userblock: int = 512, **storage: Any
) -> Path:
    """As MATLAB's save -v7.3 does: axes reversed."""
    with h5py.File(path, "w", userblock_size=userblock) as file:
        data = file.create_dataset(name, data=np.ascontiguousarray(values.T), **storage)
        data.attrs["MATLAB_class"] = np.bytes_("single")
    if userblock:
        with path.open("r+b") as raw:
            raw.write(b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM")
    return path


def element(kind: int, data: bytes, *, order: str = "<") -> bytes:
    """One MAT 5 element, padded."""
    return struct.pack(order + "II", kind, len(data)) + data + bytes(-len(data) % 8)


def variable(
    *,
    name: str = "img4ranking",
    array_class: int = 7,
    shape: tuple[int, ...] = SHAPE,
    values: bytes | None = None,
    stored: int = 7,
    flags: int = 0,
    order: str = "<",
) -> bytes:
    """The inside of a miMATRIX element."""
    data = image(shape).astype(order + "f4").tobytes(order="F") if values is None else values
    return (
        element(6, struct.pack(order + "II", array_class | flags, 0), order=order)
        + element(5, struct.pack(f"{order}{len(shape)}i", *shape), order=order)
        + element(1, name.encode(), order=order)
        + element(stored, data, order=order)
    )


def mat5(*elements: bytes, order: str = "<") -> bytes:
    """A file: header and elements."""
    mark = b"IM" if order == "<" else b"MI"
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(order + "H", 0x0100) + mark + b"".join(elements)


def compressed(content: bytes, *, order: str = "<") -> bytes:
    """A miCOMPRESSED element around a miMATRIX one; compressed elements are not padded."""
    packed = zlib.compress(element(14, content, order=order))
    return struct.pack(order + "II", 15, len(packed)) + packed
