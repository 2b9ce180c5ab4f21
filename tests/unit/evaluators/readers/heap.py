"""A file over which libhdf5 loops for ever."""

from __future__ import annotations

import struct
from pathlib import Path

import h5py

from tests.unit.evaluators.readers.files import SHAPE


def heap_that_loops(path: Path) -> None:
    """A virtual array whose global heap holds an object of a size that leads back to itself."""
    layout = h5py.VirtualLayout(shape=SHAPE[::-1], dtype="f4")
    layout[:] = h5py.VirtualSource("elsewhere.mat", "img4ranking", shape=SHAPE[::-1])
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("img4ranking", layout)
    content = bytearray(path.read_bytes())
    first = content.index(b"GCOL") + 16
    content[first + 8 : first + 16] = struct.pack("<q", -16)
    path.write_bytes(content)
