"""Files that a hostile or broken container writes: each is refused by its code, before it can do harm."""

from __future__ import annotations

import dataclasses
import os
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from h5py import h5d, h5p, h5s, h5t

from evaluators.contract.failures import CaseFailure
from evaluators.readers import read
from evaluators.readers.checks import largest_file
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

F = CaseFailure
SECRET = "do-not-repeat-me"


def refusal(path: Path, **where: Path) -> ReadFailure:
    with pytest.raises(ReadFailure) as caught:
        read(path, spec=WANTED, **where)
    assert SECRET not in caught.value.detail
    assert len(caught.value.note.detail) <= 400
    return caught.value


# ---- what lies at the path


def test_nothing_there_is_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.mat").code is F.MISSING_FILE
    assert refusal("P001/a.mat", below=tmp_path).code is F.MISSING_FILE  # type: ignore[arg-type]


def _link(path: Path) -> None:
    write_v7(path.with_name("good.mat"), image())
    path.symlink_to("good.mat")


def _dangling(path: Path) -> None:
    path.symlink_to("/nowhere")


def _socket(path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.close()


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(largest_file(WANTED) + 1)


@pytest.mark.parametrize("make", [_link, _dangling, os.mkfifo, _socket, os.mkdir, _sparse])
def test_anything_but_a_regular_file_of_sane_size_is_forbidden(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.mat")
    assert refusal(tmp_path / "a.mat").code is F.FORBIDDEN_FILE


def test_a_folder_on_the_way_that_is_a_link_is_forbidden(tmp_path: Path) -> None:
    (tmp_path / "real" / "P001").mkdir(parents=True)
    write_v7(tmp_path / "real" / "P001" / "a.mat", image())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "P001").symlink_to(tmp_path / "real" / "P001")
    assert refusal("P001/a.mat", below=tmp_path / "out").code is F.FORBIDDEN_FILE  # type: ignore[arg-type]
    assert np.array_equal(read("P001/a.mat", spec=WANTED, below=tmp_path / "real"), image())


def test_a_path_that_climbs_out_is_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="plain relative path"):
        read("../a.mat", spec=WANTED, below=tmp_path)


# ---- what kind of file it is


@pytest.mark.parametrize(
    "content",
    [b"", b"hello, this is no MATLAB file\n" * 20, b"\x89HDF\r\n\x1a\n", b"PK\x03\x04" + bytes(600), bytes(4096)],
)
def test_another_file_named_mat_is_a_bad_format(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mat").write_bytes(content)
    assert refusal(tmp_path / "a.mat").code is F.BAD_FORMAT


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_a_bad_format(tmp_path: Path, write, kept: float) -> None:
    content = write(tmp_path / "a.mat", image()).read_bytes()
    (tmp_path / "a.mat").write_bytes(content[: int(len(content) * kept)])
    assert refusal(tmp_path / "a.mat").code is F.BAD_FORMAT


@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_a_format_that_the_task_does_not_take_is_refused(tmp_path: Path, write) -> None:
    other = ("mat-v7.3",) if write is write_v7 else ("mat-v7",)
    with pytest.raises(ReadFailure, match="not a file of the format mat-v7"):
        read(write(tmp_path / "a.mat", image()), spec=dataclasses.replace(WANTED, formats=other))


@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_a_variable_of_another_name_is_not_repeated(tmp_path: Path, write) -> None:
    failure = refusal(write(tmp_path / "a.mat", image(), name=SECRET.replace("-", "_")))
    assert failure.code is F.BAD_FORMAT
    assert failure.detail == "no variable `img4ranking` in the file"


# ---- what the array is


@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_a_wrong_shape_is_told_with_both_shapes(tmp_path: Path, write) -> None:
    failure = refusal(write(tmp_path / "a.mat", image((6, 5, 3, 3))))
    assert (failure.code, failure.detail) == (F.BAD_SHAPE, "found (6, 5, 3, 3), expected (6, 5, 3, 2)")


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize("axes", [(1, 0, 2, 3), (0, 1, 3, 2), (3, 2, 0, 1), (2, 3, 0, 1)])
def test_any_other_order_of_axes_is_a_wrong_shape(tmp_path: Path, write, axes: tuple[int, ...]) -> None:
    failure = refusal(write(tmp_path / "a.mat", image().transpose(axes)))
    assert failure.code is F.BAD_SHAPE
    assert failure.detail.endswith("expected (6, 5, 3, 2)")


def test_absurd_shapes_are_told_coarsely(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset("img4ranking", shape=(123_456_789, 2), dtype="f4", chunks=(1, 1))
    assert refusal(tmp_path / "a.mat").detail == "found (2, >9999), expected (6, 5, 3, 2)"
    (tmp_path / "a.mat").write_bytes(mat5(element(14, variable(shape=(1,) * 7 + (6,), values=bytes(24)))))
    assert refusal(tmp_path / "a.mat").detail == "found more than 6 axes, expected (6, 5, 3, 2)"


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize("dtype", ["int16", "uint8", "int64", "complex64", "complex128"])
def test_other_types_than_real_floats_are_bad_values(tmp_path: Path, write, dtype: str) -> None:
    failure = refusal(write(tmp_path / "a.mat", image().astype(dtype)))
    assert failure.code is F.BAD_VALUE
    assert "expected real float32 or float64" in failure.detail


@pytest.mark.parametrize("dtype", ["float16", "bool"])
def test_hdf5_types_that_matlab_does_not_have_are_bad_values(tmp_path: Path, dtype: str) -> None:
    assert refusal(write_v73(tmp_path / "a.mat", image().astype(dtype))).code is F.BAD_VALUE


@pytest.mark.parametrize(
    "value",
    [
        np.array([["x", 2]], dtype=object),
        {"field": image()},
        "text",
        scipy.sparse.eye(5, format="csc"),
        np.ones((2, 2)) > 0,
    ],
)
@pytest.mark.parametrize("compress", [True, False])
def test_cells_structs_text_and_sparse_matrices_are_bad_values(tmp_path: Path, value: object, compress: bool) -> None:
    assert refusal(write_v7(tmp_path / "a.mat", value, compress=compress)).code is F.BAD_VALUE


def test_a_group_or_references_in_place_of_the_array_are_bad_values(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_group("img4ranking").create_dataset(SECRET, data=image())
    assert refusal(tmp_path / "a.mat").code is F.BAD_VALUE
    with h5py.File(tmp_path / "a.mat", "w") as file:
        target = file.create_dataset("x", data=image())
        file.create_dataset("img4ranking", data=np.full(SHAPE[::-1], target.ref), dtype=h5py.ref_dtype)
    assert refusal(tmp_path / "a.mat").detail == "`img4ranking` holds references, expected real float32 or float64"
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["img4ranking"] = np.dtype("f4")
    assert refusal(tmp_path / "a.mat").code is F.BAD_VALUE
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset("img4ranking", data=h5py.Empty("f4"))
    assert refusal(tmp_path / "a.mat").code is F.BAD_SHAPE


@pytest.mark.parametrize("write", [write_v7, write_v73])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_found(tmp_path: Path, write, bad: float) -> None:
    values = image()
    values[3, 2, 1, 1] = bad
    assert refusal(write(tmp_path / "a.mat", values)).code is F.NOT_FINITE


def test_a_double_beyond_single_precision_is_a_bad_value(tmp_path: Path) -> None:
    values = image(dtype="float64")
    values[0, 0, 0, 0] = 1e39
    assert refusal(write_v7(tmp_path / "a.mat", values)).code is F.BAD_VALUE


# ---- HDF5 that reaches outside, or swells


def test_links_inside_hdf5_are_refused_without_following_them(tmp_path: Path) -> None:
    write_v73(tmp_path / "other.mat", image())
    for link in (h5py.ExternalLink("other.mat", "img4ranking"), h5py.SoftLink("/real")):
        with h5py.File(tmp_path / "a.mat", "w") as file:
            file["real"] = np.ascontiguousarray(image().T)
            file["img4ranking"] = link
        failure = refusal(tmp_path / "a.mat")
        assert failure.code is F.BAD_FORMAT
        assert "is a link" in failure.detail


def test_a_virtual_array_is_refused(tmp_path: Path) -> None:
    write_v73(tmp_path / "other.mat", image())
    layout = h5py.VirtualLayout(shape=SHAPE[::-1], dtype="f4")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.mat"), "img4ranking", shape=SHAPE[::-1])
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_virtual_dataset("img4ranking", layout)
    assert "virtual" in refusal(tmp_path / "a.mat").detail


def test_values_kept_in_another_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(image().tobytes())
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset("img4ranking", shape=SHAPE[::-1], dtype="f4", external=[(tmp_path / "raw", 0, 720)])
    assert "another file" in refusal(tmp_path / "a.mat").detail


def _low_level(
    path: Path,
    *,
    chunk: tuple[int, ...],
    shape: tuple[int, ...] = SHAPE[::-1],
    growable: bool = False,
    prepare: Callable[[h5p.PropDCID], None] = lambda _: None,
) -> h5d.DatasetID:
    file = h5py.File(path, "w")
    plan = h5p.create(h5p.DATASET_CREATE)
    plan.set_chunk(chunk)
    prepare(plan)
    most = (h5s.UNLIMITED,) * len(shape) if growable else shape
    return h5d.create(file.id, b"img4ranking", h5t.IEEE_F32LE, h5s.create_simple(shape, most), plan)


@pytest.mark.parametrize("number", [4, 5, 6, 307, 32_015, 65_535])
def test_a_filter_that_we_do_not_know_is_refused_and_no_plugin_is_looked_for(tmp_path: Path, number: int) -> None:
    # made with shuffle (filter 2), whose number is then patched in the file: libraries refuse to write unknown filters
    write_v73(tmp_path / "a.mat", image(), chunks=SHAPE[::-1], shuffle=True)
    content = (tmp_path / "a.mat").read_bytes()
    known = struct.pack("<HHHH", 2, 8, 1, 1) + b"shuffle\0"
    assert content.count(known) == 1
    (tmp_path / "a.mat").write_bytes(content.replace(known, struct.pack("<H", number) + known[2:]))
    assert "filter other than gzip" in refusal(tmp_path / "a.mat").detail


def test_a_chunk_larger_than_the_array_is_refused_unread(tmp_path: Path) -> None:
    node = _low_level(
        tmp_path / "a.mat", chunk=(2, 3, 5000, 6000), growable=True, prepare=lambda plan: plan.set_deflate(9)
    )
    node.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(1000)))
    del node
    assert "chunks larger than the array" in refusal(tmp_path / "a.mat").detail


def test_too_many_chunks_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset("img4ranking", shape=(300, 300), dtype="f4", chunks=(1, 1))
    with pytest.raises(ReadFailure, match="more than 65536 chunks"):
        read(tmp_path / "a.mat", spec=dataclasses.replace(WANTED, shape=(300, 300)))


@pytest.mark.parametrize("inflated", [0, 719, 721, 200 * 2**20])
def test_a_chunk_that_does_not_inflate_to_its_own_size_is_refused(tmp_path: Path, inflated: int) -> None:
    node = _low_level(tmp_path / "a.mat", chunk=SHAPE[::-1], prepare=lambda plan: plan.set_deflate(9))
    node.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(inflated), 9))
    del node
    assert refusal(tmp_path / "a.mat").code is F.BAD_FORMAT


def test_a_damaged_chunk_fails_its_checksum(tmp_path: Path) -> None:
    write_v73(tmp_path / "a.mat", image(), chunks=SHAPE[::-1], fletcher32=True)
    content = bytearray((tmp_path / "a.mat").read_bytes())
    where = content.index(np.ascontiguousarray(image().T).tobytes())
    content[where + 10] ^= 1
    (tmp_path / "a.mat").write_bytes(content)
    assert refusal(tmp_path / "a.mat").code is F.BAD_FORMAT


# ---- MAT 5 that lies or swells


def test_axes_that_declare_more_than_the_task_asks_are_refused_before_inflating(tmp_path: Path) -> None:
    bomb = variable(shape=(60_000, 60_000), values=bytes(8 * 2**20))
    (tmp_path / "a.mat").write_bytes(mat5(compressed(bomb)))
    assert refusal(tmp_path / "a.mat").code is F.BAD_SHAPE


LIES = {
    "more values than axes": variable(values=bytes(4 * 181)),
    "fewer values than axes": variable(values=bytes(4 * 179)),
    "no values": variable()[: -(8 + 720)],
    "unknown storage type": variable(stored=99),
    "values that claim 4 GiB": variable()[: -(8 + 720)] + struct.pack("<II", 7, 0xFFFFFFF0) + bytes(720),
    "no flags": element(5, bytes(16)),
    "short flags": element(6, bytes(4)) + bytes(100),
    "one axis": element(6, struct.pack("<II", 7, 0)) + element(5, struct.pack("<i", 180)) + element(1, b"img4ranking"),
    "an endless name": element(6, struct.pack("<II", 7, 0)) + element(5, bytes(8)) + element(1, bytes(300)),
    "a small element that is not small": element(6, struct.pack("<II", 7, 0))
    + struct.pack("<I", 9 << 16 | 5)
    + bytes(60),
    "nothing": b"",
}


@pytest.mark.parametrize("pack", [compressed, lambda content: element(14, content)])
@pytest.mark.parametrize("lie", LIES)
def test_a_v7_file_that_lies_about_itself_is_a_bad_format(tmp_path: Path, lie: str, pack) -> None:
    (tmp_path / "a.mat").write_bytes(mat5(pack(LIES[lie])))
    assert refusal(tmp_path / "a.mat").code is F.BAD_FORMAT


@pytest.mark.parametrize(
    "content",
    [
        mat5(struct.pack("<II", 14, 2**31) + variable()),
        mat5(element(9, bytes(64))),
        mat5(struct.pack("<II", 15, 20) + b"this is no zlib data"),
        mat5(struct.pack("<II", 15, 24) + zlib.compress(element(9, bytes(8)))[:24].ljust(24)),
        mat5(*[element(14, variable(name="x", shape=(1, 1), values=bytes(4)))] * 1001),
        mat5(),
    ],
)
def test_a_v7_file_of_wrong_elements_is_a_bad_format(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mat").write_bytes(content)
    assert refusal(tmp_path / "a.mat").code is F.BAD_FORMAT


def test_negative_axes_whose_product_fits_are_a_bad_shape(tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_bytes(mat5(element(14, variable(shape=(-6, -5, 3, 2), values=bytes(720)))))
    assert refusal(tmp_path / "a.mat").code is F.BAD_SHAPE


def test_an_opaque_object_is_passed_over(tmp_path: Path) -> None:
    opaque = element(6, struct.pack("<II", 17, 0)) + element(1, b"img4ranking") + element(1, b"MCOS")
    (tmp_path / "a.mat").write_bytes(mat5(element(14, opaque), element(14, variable())))
    assert np.array_equal(read(tmp_path / "a.mat", spec=WANTED), image())


# ---- what it costs us


@pytest.mark.parametrize("kind", ["hdf5", "mat5"])
def test_a_bomb_is_refused_within_the_memory_of_its_array(tmp_path: Path, kind: str) -> None:
    """512 MiB of zeros behind 0.5 MiB; the reader may map 256 MiB more than it starts with."""
    head = element(14, variable(values=b""))[:-8] + struct.pack("<II", 7, 2**29) if kind == "mat5" else b""
    squeezer = zlib.compressobj(1)
    zeros = bytes(2**24)
    packed = squeezer.compress(head) + b"".join(squeezer.compress(zeros) for _ in range(32)) + squeezer.flush()
    if kind == "mat5":
        (tmp_path / "a.mat").write_bytes(mat5(struct.pack("<II", 15, len(packed)) + packed))
    else:
        node = _low_level(tmp_path / "a.mat", chunk=SHAPE[::-1], prepare=lambda plan: plan.set_deflate(9))
        node.write_direct_chunk((0, 0, 0, 0), packed)
        del node
    script = (
        "import resource, sys, pathlib\n"
        "from evaluators.readers import read, ReadFailure\n"
        "from tests.unit.evaluators.readers.files import WANTED\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, used + 2**28))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    read(pathlib.Path(sys.argv[1]), spec=WANTED)\n"
        "except ReadFailure as failure:\n"
        "    print(failure.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.mat")], capture_output=True, text=True, check=True, timeout=60
    )
    code, grown = told.stdout.split()
    assert code == "BAD_FORMAT"
    assert int(grown) < 32 * 1024
