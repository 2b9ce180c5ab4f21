"""What other libraries wrote is loaded equal; what lies about where its values are, or brings libhdf5 down, is refused."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evaluators.readers import ReadFailure, hdf5_parser, prepare, read
from evaluators.readers.hdf5_description import Description
from evaluators.readers.hdf5_parser import describe
from evaluators.readers.hdf5_values import BadStorage, load
from tests.unit.evaluators.readers.files import SHAPE, WANTED, image, write_v7, write_v73
from tests.unit.evaluators.readers.heap import heap_that_loops


def loaded(path: Path, *, name: str = "img4ranking", threads: int = 1, **lies: Any) -> np.ndarray:
    with path.open("rb") as file:
        found = describe(file.fileno(), variable=name)
        return load(found.model_copy(update=lies), descriptor=file.fileno(), threads=threads)


def described(path: Path) -> Description:
    with path.open("rb") as file:
        return describe(file.fileno(), variable="img4ranking")


@st.composite
def storages(draw: st.DrawFn, shape: tuple[int, ...]) -> dict[str, Any]:
    """A layout with filters, as h5py takes it."""
    if draw(st.booleans()):
        return {}
    chunks = tuple(draw(st.integers(1, size)) for size in shape)
    return {
        "chunks": chunks,
        "compression": draw(st.sampled_from([None, "gzip"])),
        "shuffle": draw(st.booleans()),
        "fletcher32": draw(st.booleans()),
        "maxshape": draw(st.sampled_from([None, (None, *shape[1:]), (None,) * len(shape)])),
    }


DTYPES = ["<f4", ">f4", "<f8", ">f8", "<c8", ">c8", "<c16", ">c16"]


@settings(deadline=None, max_examples=150)
@given(data=st.data(), dtype=st.sampled_from(DTYPES), libver=st.sampled_from(["earliest", "v110", "latest"]))
def test_what_h5py_wrote_is_loaded_equal(tmp_path_factory, data: st.DataObject, dtype: str, libver: str) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=7))
    values = data.draw(hnp.arrays(dtype=dtype, shape=shape, elements={"allow_nan": False}))
    path = tmp_path_factory.mktemp("h5") / "a.h5"
    userblock = data.draw(st.sampled_from([0, 512]))
    with h5py.File(path, "w", libver=libver, userblock_size=userblock) as file:
        file.create_dataset("img4ranking", data=values, **data.draw(storages(shape)))
    found = loaded(path, threads=data.draw(st.sampled_from([1, 2])))
    assert found.dtype == np.dtype(dtype).newbyteorder("=")
    assert np.array_equal(found, values)


@settings(deadline=None, max_examples=60)
@given(
    values=hnp.arrays(
        dtype=st.sampled_from(["float32", "float64"]),
        shape=hnp.array_shapes(min_dims=2, max_dims=4, max_side=5),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    write=st.sampled_from([write_v7, write_v73]),
    reverse=st.booleans(),
    fortran=st.booleans(),
)
def test_both_formats_give_the_array_in_the_tasks_order_however_it_was_written(
    tmp_path_factory, values: np.ndarray, write, reverse: bool, fortran: bool
) -> None:
    shown = values.T if reverse and values.shape != values.shape[::-1] else values
    written = np.asfortranarray(shown) if fortran else np.ascontiguousarray(shown)
    path = write(tmp_path_factory.mktemp("mat") / "a.mat", written)
    found = read(path, spec=dataclasses.replace(WANTED, shape=values.shape))
    assert found.dtype == values.dtype
    if values.ndim == 2 or 1 not in values.shape or not reverse:
        assert np.array_equal(found, values)
    else:
        # axes of one may leave two readings of the same numbers; none is lost
        assert np.array_equal(np.sort(found, axis=None), np.sort(values, axis=None))


GOOD: dict[str, dict[str, Any] | None] = {
    "v7, compressed": None,
    "contiguous": {},
    "packed": {"chunks": (1, 2, 5, 6), "compression": "gzip", "shuffle": True, "fletcher32": True},
    "growable": {"chunks": (2, 3, 5, 6), "maxshape": (None, 3, 5, 6), "compression": "gzip"},
}


@pytest.mark.parametrize("form", GOOD)
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_an_array_or_a_refusal(
    tmp_path: Path, form: str, place: float, change: int, cut: bool
) -> None:
    path, storage = tmp_path / "a.mat", GOOD[form]
    write_v7(path, image()) if storage is None else write_v73(path, image(), **storage)
    content = bytearray(path.read_bytes())
    where = int(place * len(content))
    content[where] ^= change
    path.write_bytes(content[:where] if cut else content)
    try:
        found = read(path, spec=WANTED)
    except ReadFailure:
        return
    assert found.shape == SHAPE


def test_complex_numbers_under_matlabs_names_are_loaded_as_such(tmp_path: Path) -> None:
    values = (image() + 1j * image()[::-1]).astype("complex64")
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["img4ranking"] = values.view([("real", "<f4"), ("imag", "<f4")])
        file["swapped"] = values.view([("imag", "<f4"), ("real", "<f4")])
    assert np.array_equal(loaded(tmp_path / "a.mat"), values)
    with pytest.raises(BadStorage, match="not of a type"):
        loaded(tmp_path / "a.mat", name="swapped")


@pytest.mark.parametrize("storage", [{}, {"chunks": (1, 1, 3, 2)}, {"chunks": (4, 3, 2, 2), "compression": "gzip"}])
@pytest.mark.parametrize("fill", [None, 2.5])
def test_what_was_never_written_has_the_fill_value(tmp_path: Path, storage: dict[str, Any], fill: float | None) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        data = file.create_dataset("img4ranking", shape=SHAPE, dtype="f4", fillvalue=fill, **storage)
        if storage:
            data[3:5] = 7
        expected = data[()]
    assert np.array_equal(loaded(tmp_path / "a.mat"), expected)


@pytest.mark.parametrize("moment", [h5py.h5d.ALLOC_TIME_EARLY, h5py.h5d.ALLOC_TIME_LATE, h5py.h5d.ALLOC_TIME_INCR])
@pytest.mark.parametrize("chunk", [None, (2, 2, 2, 2)])
def test_an_array_without_data_is_zero_whenever_its_place_is_taken(tmp_path: Path, moment: int, chunk) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    if chunk:
        plan.set_chunk(chunk)
    elif moment == h5py.h5d.ALLOC_TIME_INCR:
        plan.set_layout(h5py.h5d.COMPACT)
    if chunk or moment != h5py.h5d.ALLOC_TIME_INCR:
        plan.set_alloc_time(moment)
    with h5py.File(tmp_path / "a.mat", "w") as file:
        h5py.h5d.create(file.id, b"img4ranking", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(SHAPE), plan)
    assert np.array_equal(loaded(tmp_path / "a.mat"), np.zeros(SHAPE))


def test_a_large_array_that_a_tiny_file_declares_and_does_not_hold_is_refused(tmp_path: Path) -> None:
    path = write_v73(tmp_path / "a.mat", image())
    large = (6000, 5000, 300, 2)
    with pytest.raises(BadStorage, match="behind the end"):
        loaded(path, shape=large)


def test_writing_into_what_was_loaded_leaves_the_file_alone(tmp_path: Path) -> None:
    before = write_v73(tmp_path / "a.mat", image()).read_bytes()
    found = read(tmp_path / "a.mat", spec=WANTED)
    found[...] = 0
    assert (tmp_path / "a.mat").read_bytes() == before


# ---- descriptions that lie: the process that parses may be in the file's hands


@pytest.mark.parametrize(
    ("lies", "words"),
    [
        ({"offset": 10**9}, "behind the end"),
        ({"offset": -4096}, "behind the end"),
        ({"offset": 2**63}, "behind the end"),
        ({"layout": "compact", "compact": "00"}, "another number of values"),
        ({"layout": "compact", "compact": "zz"}, "nonsense"),
        ({"offset": None, "fill": "00"}, "fill value"),
        ({"layout": "chunked"}, "other axes"),
        ({"layout": "chunked", "chunk": (0, 3, 5, 6)}, "other axes"),
        ({"shape": None}, "not of a type"),
        ({"type": "text"}, "not of a type"),
    ],
)
def test_a_contiguous_array_described_wrongly_is_refused(tmp_path: Path, lies: dict[str, Any], words: str) -> None:
    with pytest.raises(BadStorage, match=words):
        loaded(write_v73(tmp_path / "a.mat", image()), **lies)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda place, mask, offset, size: ((9, 0, 0, 0), mask, offset, size), "places where there can be none"),
        (lambda place, mask, offset, size: ((-1, 0, 0, 0), mask, offset, size), "places where there can be none"),
        (lambda place, mask, offset, size: ((0, 0, 0), mask, offset, size), "places where there can be none"),
        (lambda place, mask, offset, size: ((1, 0, 0, 0), mask, offset, size), "places where there can be none"),
        (lambda place, mask, offset, size: (place, mask, 10**9, size), "behind the end"),
        (lambda place, mask, offset, size: (place, mask, -8, size), "before the beginning"),
        (lambda place, mask, offset, size: (place, mask, offset, 10**9), "more bytes than"),
        (lambda place, mask, offset, size: (place, mask, offset, -1), "more bytes than"),
        (lambda place, mask, offset, size: (place, mask, offset, size - 9), "not inflate"),
        (lambda place, mask, offset, size: (place, 1, offset, size), "another size"),
    ],
)
def test_chunks_described_wrongly_are_refused(tmp_path: Path, change, words: str) -> None:
    path = write_v73(tmp_path / "a.mat", image(), chunks=(1, 3, 5, 6), compression="gzip")
    first, *others = described(path).chunks
    with pytest.raises(BadStorage, match=words):
        loaded(path, chunks=(change(*first), *others))


# ---- what libhdf5 does not survive


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def test_a_file_that_makes_libhdf5_loop_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    heap_that_loops(tmp_path / "bad.mat")
    write_v73(tmp_path / "good.mat", image())
    for _ in range(2):
        with within(20), pytest.raises(ReadFailure, match="crashes or loops"):
            read(tmp_path / "bad.mat", spec=WANTED)
        assert np.array_equal(read(tmp_path / "good.mat", spec=WANTED), image())


def test_a_parser_that_does_not_start_is_our_fault_and_no_files(tmp_path: Path, monkeypatch) -> None:
    write_v73(tmp_path / "a.mat", image())
    with monkeypatch.context() as change:
        change.setattr(hdf5_parser, "_PROGRAM", tmp_path / "not-there.py")
        change.setattr(hdf5_parser, "_PARSER", hdf5_parser._Parser())
        with pytest.raises(hdf5_parser.ParserMissing):
            prepare(WANTED)
    prepare(WANTED)
    assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())


def test_a_forked_process_asks_a_parser_of_its_own(tmp_path: Path) -> None:
    write_v73(tmp_path / "a.mat", image())
    assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image()) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())
