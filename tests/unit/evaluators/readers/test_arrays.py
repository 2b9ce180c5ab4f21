"""numpy's .npy and .npz: what numpy writes comes back as it was; nothing is unpickled, evaluated or inflated beyond its size."""

from __future__ import annotations

import dataclasses
import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evaluators.contract.cases import FLOAT_DTYPES, LABEL_DTYPES
from evaluators.contract.failures import CaseFailure
from evaluators.readers import ReadFailure, read
from tests.unit.evaluators.readers.image_checks import read_with_a_byte_flipped
from tests.unit.evaluators.readers.image_files import IMAGE, LABELS, SHAPE, labels, nifti, npy, npy_of, npz, zipped

F = CaseFailure
WANTED = dataclasses.replace(IMAGE, dtypes=(*FLOAT_DTYPES, *LABEL_DTYPES))


def refusal(folder: Path, content: bytes, **changes: Any) -> ReadFailure:
    (folder / "a").write_bytes(content)
    with pytest.raises(ReadFailure) as caught:
        read(folder / "a", spec=dataclasses.replace(WANTED, **changes))
    assert "repeat" not in caught.value.detail
    return caught.value


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('unpickled')",))


@settings(deadline=None, max_examples=80)
@given(
    values=hnp.arrays(
        dtype=st.sampled_from([*LABEL_DTYPES, ">i2", ">f8", ">u4"]), shape=hnp.array_shapes(min_dims=1, max_side=5)
    ).filter(lambda values: values.dtype.kind != "f" or bool((np.abs(values) < 1e30).all())),
    fortran=st.booleans(),
    form=st.sampled_from(["npy", "npz", "npz deflated"]),
)
def test_every_array_comes_back_as_numpy_reads_it(
    tmp_path_factory, values: np.ndarray, fortran: bool, form: str
) -> None:
    values = np.asfortranarray(values) if fortran else values
    path = tmp_path_factory.mktemp("arrays") / "a"
    path.write_bytes(npy(values) if form == "npy" else npz(image=values, compressed="deflated" in form))
    found = read(path, spec=dataclasses.replace(WANTED, shape=values.shape))
    assert found.dtype == values.dtype.newbyteorder("=")
    assert np.array_equal(found, values)


@pytest.mark.parametrize("dtype", ["i8", "?", "u1", "f4", "f8", "u8"])
def test_labels_of_any_type_become_integers_that_metrics_take(tmp_path: Path, dtype: str) -> None:
    values = (labels() > 1).astype(dtype)
    (tmp_path / "a").write_bytes(npz(seg=values, other=np.zeros(3)))
    found = read(tmp_path / "a", spec=LABELS)
    assert found.dtype.kind in "iu"
    assert found.dtype.itemsize <= 4
    assert np.array_equal(found, values)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 4])
def test_labels_beyond_those_of_the_task(tmp_path: Path, value: int) -> None:
    values = labels(dtype="i8")
    values[0, 0, 0] = value
    (tmp_path / "a").write_bytes(npy(values))
    with pytest.raises(ReadFailure, match="BAD_VALUE"):
        read(tmp_path / "a", spec=LABELS)


# ---- .npy that lies


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.array([Evil()] * 120, dtype=object).reshape(SHAPE), "Python objects"),
        (np.ones(SHAPE, dtype="c8"), "complex values"),
        (np.full(SHAPE, "do-not-repeat-me"), "text"),
        (np.zeros(SHAPE, dtype="M8[s]"), "dates"),
        (np.zeros(SHAPE, dtype=[("repeat", "f4")]), "a table of fields"),
        (np.zeros(SHAPE, dtype="V8"), "another type"),
        (np.zeros(SHAPE, dtype="f2"), "f2"),
    ],
)
def test_types_that_are_no_real_numbers_are_never_loaded(tmp_path: Path, values: np.ndarray, says: str) -> None:
    for content in (npy(values), npz(image=values)):
        failure = refusal(tmp_path, content)
        assert failure.code is F.BAD_VALUE
        assert says in failure.detail


GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 5, 4), }"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (GOOD.replace("6", "7"), F.BAD_SHAPE),
        (GOOD.replace("6, 5, 4", "4, 5, 6"), F.BAD_SHAPE),
        (GOOD.replace("6", "999999999999999999"), F.BAD_SHAPE),
        (GOOD.replace("6", "9999999999999999999999"), F.BAD_FORMAT),
        (GOOD.replace("6", "-6"), F.BAD_FORMAT),
        (GOOD.replace("6, 5, 4", "6,, 5, 4"), F.BAD_FORMAT),
        (GOOD.replace("6, 5, 4", ", ".join(["1"] * 33)), F.BAD_FORMAT),
        (GOOD.replace("False", "__import__('os').abort()"), F.BAD_FORMAT),
        (GOOD.replace("(6", "(6*1"), F.BAD_FORMAT),
        (GOOD.replace("'shape'", "'descr'"), F.BAD_FORMAT),
        (GOOD.replace("'shape'", "'other'"), F.BAD_FORMAT),
        (GOOD.replace(" }", " 'more': 1}"), F.BAD_FORMAT),
        (GOOD.replace("<f4", "<f4,<f4"), F.BAD_FORMAT),
        (GOOD.replace("<f4", "<f99"), F.BAD_VALUE),
        (GOOD.replace("(6, 5, 4)", "False"), F.BAD_FORMAT),
        (GOOD.replace("False", "(6, 5)"), F.BAD_FORMAT),
        (GOOD + GOOD, F.BAD_FORMAT),
        ("", F.BAD_FORMAT),
        ("{" * 9_000, F.BAD_FORMAT),
        ("-" * 9_000 + "1", F.BAD_FORMAT),
        (GOOD + " " * 20_000, F.BAD_FORMAT),
    ],
)
@pytest.mark.parametrize("version", [b"\1\0", b"\2\0"])
def test_a_npy_header_that_lies(tmp_path: Path, header: str, code: CaseFailure, version: bytes) -> None:
    assert refusal(tmp_path, npy_of(header, bytes(480), version=version)).code is code


def test_a_header_as_other_writers_form_it(tmp_path: Path) -> None:
    plain = "{'descr': '<f4', 'fortran_order': True, 'shape': (6, 5, 4)}"
    turned = "{ 'shape' : (6L,5L,4L,),'fortran_order':True,'descr':'<f4' ,}  \n"
    values = np.arange(120, dtype="f4").reshape(SHAPE)
    for header in (plain, turned):
        for version in (b"\1\0", b"\2\0", b"\3\0"):
            (tmp_path / "a").write_bytes(npy_of(header, values.tobytes(order="F"), version=version))
            assert np.array_equal(read(tmp_path / "a", spec=WANTED), values)


def test_npy_versions_and_lengths_that_are_none(tmp_path: Path) -> None:
    good = npy(labels())
    for content in (
        good[:6] + b"\4\0" + good[8:],
        npy_of(GOOD, version=b"\1\1"),
        good[:8] + b"\xff\xff" + good[10:],
        good[:9],
        good[:-1],
        good + b"\0",
        good + good,
    ):
        assert refusal(tmp_path, content).code is F.BAD_FORMAT


def test_truth_values_that_are_neither(tmp_path: Path) -> None:
    assert refusal(tmp_path, npy(labels() > 1)[:-1] + b"\2").code is F.BAD_FORMAT


# ---- .npz that lies


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("name", ["../image.npy", "/image.npy", "image", "IMAGE.npy", "./image.npy", "x/image.npy"])
def test_a_member_is_found_by_its_exact_name_alone(tmp_path: Path, name: str) -> None:
    failure = refusal(tmp_path, zip_of({name: npy(labels())}))
    assert (failure.code, failure.detail) == (F.BAD_FORMAT, "no variable `image` in the file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_numpy_does_not_write_are_refused(tmp_path: Path, method: int) -> None:
    assert "another method" in refusal(tmp_path, zip_of({"image.npy": npy(labels())}, method)).detail


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("image.npy", npy(labels()))
        archive.writestr("image.npy", npy(labels()))
    assert refusal(tmp_path, file.getvalue()).code is F.BAD_FORMAT


def _patched(content: bytes, where: int, form: str, *numbers: int) -> bytes:
    """A number of the directory's first entry made another."""
    changed = bytearray(content)
    struct.pack_into(form, changed, content.index(b"PK\1\2") + where, *numbers)
    return bytes(changed)


@pytest.mark.parametrize(
    ("where", "form", "number"),
    [
        (8, "<H", 1),  # encrypted
        (10, "<H", 0),  # stored, and the member says deflated
        (16, "<I", 7),  # checksum
        (20, "<I", 2**31),  # packed size
        (20, "<I", 2**32 - 1),  # of ZIP64
        (20, "<I", 10),
        (24, "<I", 10),  # size
        (24, "<I", 2**32 - 1),
        (28, "<H", 60_000),  # length of the name
        (34, "<H", 1),  # another disk
        (42, "<I", 2**31),  # place
        (42, "<I", 5),
    ],
)
def test_a_directory_that_lies(tmp_path: Path, where: int, form: str, number: int) -> None:
    content = npz(image=labels(), compressed=True)
    assert refusal(tmp_path, _patched(content, where, form, number)).code is F.BAD_FORMAT


@pytest.mark.parametrize(
    ("where", "form", "number"), [(4, "<H", 1), (8, "<H", 9), (10, "<H", 9), (12, "<I", 2**31), (16, "<I", 2**31)]
)
def test_an_end_record_that_lies(tmp_path: Path, where: int, form: str, number: int) -> None:
    content = bytearray(npz(image=labels()))
    struct.pack_into(form, content, content.index(b"PK\5\6") + where, number)
    assert refusal(tmp_path, bytes(content)).code is F.BAD_FORMAT


def test_thousands_of_members_are_not_listed(tmp_path: Path) -> None:
    assert "more than 1000" in refusal(tmp_path, zip_of({f"{number}.npy": b"" for number in range(1500)})).detail


def test_a_truncated_archive(tmp_path: Path) -> None:
    content = npz(image=labels())
    for kept in (4, 30, 200, len(content) - 23, len(content) - 1):
        assert refusal(tmp_path, content[:kept]).code is F.BAD_FORMAT


# ---- what it costs us


def _bomb(form: str) -> bytes:
    """512 MiB of zeros behind an honest header."""
    zeros = bytes(2**29)
    if form == "npz":
        return zip_of({"image.npy": npy_of(GOOD, zeros)})
    return zipped(nifti(labels(dtype="f4")) + zeros)


@pytest.mark.parametrize("form", ["npz", "nifti"])
def test_a_bomb_is_refused_within_the_memory_of_its_array(tmp_path: Path, form: str) -> None:
    (tmp_path / "a").write_bytes(_bomb(form))
    script = (
        "import resource, sys\n"
        "from evaluators.readers import read, ReadFailure\n"
        "from tests.unit.evaluators.readers.image_files import IMAGE\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    read(sys.argv[1], spec=IMAGE)\n"
        "except ReadFailure as failure:\n"
        "    print(failure.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a")], capture_output=True, text=True, check=True, timeout=60
    )
    code, grown = told.stdout.split()
    assert code == "BAD_FORMAT"
    assert int(grown) * 1024 < 16 * 2**20


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_any_byte_flipped_is_an_array_or_a_refusal(tmp_path_factory, data: st.DataObject) -> None:
    files = [npy(labels()), npy(labels(dtype="f8")), npz(seg=labels()), npz(seg=labels(dtype="f4"), compressed=True)]
    read_with_a_byte_flipped(tmp_path_factory.mktemp("flip"), files=files, data=data)
