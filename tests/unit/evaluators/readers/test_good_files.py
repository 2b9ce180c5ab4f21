"""Files that teams may write: every accepted form gives the same array."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evaluators.contract.cases import LABEL_DTYPES
from evaluators.readers import read
from evaluators.readers.errors import ReadFailure
from tests.unit.evaluators.readers.files import (
    SHAPE,
    WANTED,
    compressed,
    element,
    image,
    mat5,
    variable,
    write_v7,
    write_v73,
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("compress", [True, False])
def test_v7_is_read_as_matlab_shows_it(tmp_path: Path, dtype: str, compress: bool) -> None:
    values = image(dtype=dtype)
    found = read(write_v7(tmp_path / "a.mat", values, compress=compress), spec=WANTED)
    assert found.dtype == dtype
    assert np.array_equal(found, values)


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize(
    "storage",
    [
        {},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "gzip", "chunks": (1, 1, 5, 6)},
        {"chunks": (2, 2, 2, 2), "shuffle": True},
        {"chunks": (2, 3, 5, 6), "maxshape": (None, 3, 5, 6)},
    ],
)
def test_v73_is_read_as_matlab_shows_it(tmp_path: Path, dtype: str, storage: dict[str, Any]) -> None:
    values = image().astype(dtype)
    found = read(write_v73(tmp_path / "a.mat", values, **storage), spec=WANTED)
    assert found.dtype == np.dtype(dtype).newbyteorder("=")
    assert found.dtype.isnative
    assert np.array_equal(found, values)


def test_v73_without_matlabs_header_is_read_all_the_same(tmp_path: Path) -> None:
    assert np.array_equal(read(write_v73(tmp_path / "a.mat", image(), userblock=0), spec=WANTED), image())


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ((6, 5, 2, 1), (6, 5, 2)),  # MATLAB drops the last axis of one frame
        ((6, 5, 1, 1), (6, 5)),
        ((6, 5, 2, 1), (6, 5, 2, 1)),  # scipy and h5py keep it
        ((6, 5, 2), (6, 5, 2, 1, 1)),
    ],
)
def test_trailing_axes_of_size_one_may_be_missing(tmp_path: Path, write, expected, written) -> None:
    values = image(written)
    spec = dataclasses.replace(WANTED, shape=expected)
    found = read(write(tmp_path / "a.mat", values), spec=spec)
    assert found.shape == expected
    assert np.array_equal(found.ravel(), values.ravel())


@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_axes_written_in_reverse_are_turned_round(tmp_path: Path, write) -> None:
    """(x, y, slice, t) given to h5py, or (t, slice, y, x) given to scipy.io.savemat: MATLAB shows both reversed."""
    assert np.array_equal(read(write(tmp_path / "a.mat", image().T), spec=WANTED), image())


def test_h5py_without_any_of_matlabs_marks_is_read_in_both_orders(tmp_path: Path) -> None:
    for stored in (image(), image().T):
        with h5py.File(tmp_path / "a.mat", "w") as file:
            file["img4ranking"] = stored
        assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ((6, 5, 2, 1), (1, 2, 5, 6)),
        ((6, 5, 2, 1), (2, 5, 6)),  # one frame left out before it was written
        ((6, 6, 1, 1), (1, 1, 6, 6)),  # square, but the axes of one tell
        ((1, 6, 5, 2), (2, 5, 6)),  # MATLAB has dropped the last axis of what it was shown
    ],
)
@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_reversed_axes_of_size_one_may_be_missing_too(tmp_path: Path, write, expected, shown) -> None:
    values = image(expected)
    found = read(write(tmp_path / "a.mat", values.T.reshape(shown)), spec=dataclasses.replace(WANTED, shape=expected))
    assert np.array_equal(found, values)


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize("shape", [(5, 5), (4, 3, 3, 4), (6, 6, 1)])
def test_a_shape_that_reads_the_same_both_ways_is_taken_in_matlabs_order(tmp_path: Path, write, shape) -> None:
    found = read(write(tmp_path / "a.mat", image(shape)), spec=dataclasses.replace(WANTED, shape=shape))
    assert np.array_equal(found, image(shape))


@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_an_inner_axis_of_size_one_may_not_be_missing(tmp_path: Path, write) -> None:
    spec = dataclasses.replace(WANTED, shape=(6, 5, 1, 2))
    with pytest.raises(ReadFailure, match="BAD_SHAPE"):
        read(write(tmp_path / "a.mat", image((6, 5, 2))), spec=spec)


def test_whole_numbers_that_matlab_packs_into_fewer_bytes(tmp_path: Path) -> None:
    counts = np.arange(180, dtype=np.uint8)
    packed = variable(array_class=6, values=counts.tobytes(), stored=2)
    (tmp_path / "a.mat").write_bytes(mat5(compressed(packed)))
    found = read(tmp_path / "a.mat", spec=WANTED)
    assert found.dtype == np.float64
    assert np.array_equal(found, counts.reshape(SHAPE, order="F"))


def test_big_endian_v7(tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_bytes(mat5(element(14, variable(order=">"), order=">"), order=">"))
    assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())


def test_other_variables_around_the_asked_one_do_no_harm(tmp_path: Path) -> None:
    beside = {"a": np.arange(5), "cell": np.array([["x", 2]], dtype=object), "struct": {"f": 1.0}, "text": "words"}
    for compress in (True, False):
        scipy.io.savemat(tmp_path / "a.mat", {**beside, "img4ranking": image(), "z": 1}, do_compression=compress)
        assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())


def test_one_value_in_the_small_form(tmp_path: Path) -> None:
    spec = dataclasses.replace(WANTED, variable="v", shape=(1, 1))
    found = read(write_v7(tmp_path / "a.mat", np.array([[2.5]], dtype=np.float32), name="v", compress=False), spec=spec)
    assert found.tolist() == [[2.5]]


@settings(deadline=None, max_examples=60)
@given(
    values=hnp.arrays(
        dtype=st.sampled_from(["float32", "float64"]),
        shape=hnp.array_shapes(min_dims=2, max_dims=5, max_side=5),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    name=st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True),
    compress=st.booleans(),
)
def test_our_v7_reader_agrees_with_scipys(tmp_path_factory, values: np.ndarray, name: str, compress: bool) -> None:
    path = write_v7(tmp_path_factory.mktemp("v7") / "a.mat", values, name=name, compress=compress)
    spec = dataclasses.replace(WANTED, variable=name, shape=values.shape)
    peer = scipy.io.loadmat(path)[name]
    assert np.array_equal(read(path, spec=spec), peer)
    assert read(path, spec=spec).dtype == peer.dtype


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", ">i2", "float64"])
def test_label_maps_in_matlab_files(tmp_path: Path, write, dtype: str) -> None:
    values = (np.floor(image()) % 4).astype(dtype)
    spec = dataclasses.replace(WANTED, dtypes=LABEL_DTYPES, labels=range(4))
    found = read(write(tmp_path / "a.mat", values), spec=spec)
    assert found.dtype.kind in "iu"
    assert np.array_equal(found, values)
    with pytest.raises(ReadFailure, match="a label that the task does not name"):
        read(tmp_path / "a.mat", spec=dataclasses.replace(spec, labels=range(3)))
