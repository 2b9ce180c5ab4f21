"""The files that fuzzing starts from: small, written by code, every form that a reader takes and every refusal it knows."""

from __future__ import annotations

import itertools
import os
import tempfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.unit.evaluators.readers.files import SHAPE, compressed, element, image, mat5, variable, write_v7, write_v73


def mat5_files() -> list[bytes]:
    """Plain and compressed, both byte orders, packed whole numbers, cells, structs and text, several variables."""
    forms = [
        variable(),
        variable(array_class=6, values=image(dtype="float64").tobytes(order="F"), stored=9),
        variable(array_class=6, values=bytes(range(180)), stored=2),
        variable(shape=SHAPE[::-1]),
        variable(flags=0x0800),
        variable(name="x", shape=(1, 1), values=bytes(4)) + bytes(8),
    ]
    files = [mat5(pack(form)) for form in forms for pack in (compressed, lambda content: element(14, content))]
    files.append(mat5(element(14, variable(order=">"), order=">"), order=">"))
    files.append(mat5(element(14, variable(name="x", shape=(1, 1), values=bytes(4))), compressed(variable())))
    others: list[Any] = [{"a": image(), "b": "text"}, np.array([["x", 2]], dtype=object), "words", image() > 1]
    for value, compress in itertools.product(others, (True, False)):
        files.append(written(partial(write_v7, values=value, compress=compress)))
    return files


def hdf5_files() -> list[bytes]:
    """Every layout and filter in HDF5's old and new formats, and what must be refused: links, external arrays, groups.

    No virtual array, which libhdf5 mostly loops over once it is damaged (its global heap): see `virtual_files`.
    """
    storages: list[dict[str, Any]] = [
        {},
        {"chunks": SHAPE[::-1], "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"chunks": (1, 2, 5, 6), "compression": "gzip"},
        {"chunks": (2, 2, 2, 2), "shuffle": True},
        {"chunks": (2, 3, 5, 6), "maxshape": (None, 3, 5, 6), "fletcher32": True},
        {"chunks": (1, 1, 5, 6), "maxshape": (None, None, 5, 6), "compression": "gzip"},
    ]
    files = [written(partial(write_v73, values=image(), **storage)) for storage in storages]
    for libver, storage, dtype in itertools.product(("earliest", "latest"), storages, ("<f4", ">f8")):
        files.append(_made(partial(_array, dtype=dtype, **storage), libver=libver))
    files += [_made(make, libver=libver) for make in _ODD for libver in ("earliest", "latest")]
    return files


def virtual_files() -> list[bytes]:
    """Virtual arrays in both of HDF5's formats: of another file, of their own, of a part."""
    return [_made(make, libver=libver) for make in (_elsewhere, _here) for libver in ("earliest", "latest")]


def _elsewhere(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(shape=SHAPE[::-1], dtype="<f4")
    layout[...] = h5py.VirtualSource("other.h5", "x", shape=SHAPE[::-1])
    file.create_virtual_dataset("img4ranking", layout)


def _here(file: h5py.File) -> None:
    file["x"] = image().T
    layout = h5py.VirtualLayout(shape=SHAPE[::-1], dtype="<f4")
    layout[:1] = h5py.VirtualSource(".", "x", shape=SHAPE[::-1])[:1]
    file.create_virtual_dataset("img4ranking", layout)


def _array(file: h5py.File, *, dtype: str = "<f4", **storage: Any) -> None:
    file.create_dataset("img4ranking", data=image().T.astype(dtype), **storage)


def _link(link: object) -> Callable[[h5py.File], None]:
    def make(file: h5py.File) -> None:
        file["real"] = image().T
        file["img4ranking"] = link

    return make


def _references(file: h5py.File) -> None:
    target = file.create_dataset("x", data=image())
    file.create_dataset("img4ranking", data=np.full(SHAPE[::-1], target.ref), dtype=h5py.ref_dtype)


def _compact(file: h5py.File) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(SHAPE[::-1])
    node = h5py.h5d.create(file.id, b"img4ranking", h5py.h5t.IEEE_F32LE, space, plan)
    node.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(image().T))


def _one_packed_chunk(file: h5py.File) -> None:
    data = file.create_dataset("img4ranking", shape=SHAPE[::-1], dtype="f4", chunks=SHAPE[::-1], compression="gzip")
    data.id.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(10_000)))


_ODD: tuple[Callable[[h5py.File], Any], ...] = (
    _compact,
    _references,
    _one_packed_chunk,
    _link(h5py.ExternalLink("elsewhere.mat", "img4ranking")),
    _link(h5py.SoftLink("/real")),
    lambda file: file.create_dataset("img4ranking", shape=SHAPE[::-1], dtype="f4"),
    lambda file: file.create_dataset("img4ranking", shape=SHAPE[::-1], dtype="f4", chunks=(1, 3, 5, 6), fillvalue=3),
    lambda file: file.create_dataset("img4ranking", shape=SHAPE[::-1], dtype="f4", external=[("elsewhere", 0, 720)]),
    lambda file: file.create_dataset("img4ranking", data=image().T + 1j),
    lambda file: file.create_group("img4ranking").create_dataset("x", data=image()),
)


def _made(make: Callable[[h5py.File], Any], *, libver: str = "earliest") -> bytes:
    def write(path: Path) -> None:
        with h5py.File(path, "w", libver=libver) as file:
            make(file)

    return written(write)


def written(write: Callable[[Path], object]) -> bytes:
    """What `write` leaves at the path that it is given; names in the file are relative to a folder that is then gone."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            write(Path(folder) / "a.mat")
        finally:
            os.chdir(before)
        return (Path(folder) / "a.mat").read_bytes()
