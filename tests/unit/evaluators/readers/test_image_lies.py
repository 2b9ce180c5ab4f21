"""NIfTI and MetaImage whose headers lie, whose data end early or whose bytes fell over: refused by its code, never more."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.contract.failures import CaseFailure
from evaluators.readers import ReadFailure, look
from tests.unit.evaluators.readers.image_checks import read_with_a_byte_flipped, refusal, taken
from tests.unit.evaluators.readers.image_files import (
    labels,
    mha,
    nifti,
    zipped,
)

F = CaseFailure


# ---- NIfTI that lies


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"dim": (3, 6, 5, 5, 1, 1, 1, 1)}, F.BAD_SHAPE),
        ({"dim": (3, 4, 5, 6, 1, 1, 1, 1)}, F.BAD_SHAPE),
        ({"dim": (3, 32767, 32767, 32767, 1, 1, 1, 1)}, F.BAD_SHAPE),
        ({"dim": (7, 32767, 32767, 32767, 32767, 32767, 32767, 32767)}, F.BAD_SHAPE),
        ({"dim": (3, -6, -5, 4, 1, 1, 1, 1)}, F.BAD_FORMAT),
        ({"dim": (3, 6, 5, 0, 1, 1, 1, 1)}, F.BAD_FORMAT),
        ({"dim": (0, 6, 5, 4, 1, 1, 1, 1)}, F.BAD_FORMAT),
        ({"dim": (8, 6, 5, 4, 1, 1, 1, 1)}, F.BAD_FORMAT),
        ({"dim": (-3, 6, 5, 4, 1, 1, 1, 1)}, F.BAD_FORMAT),
        ({"offset": 1e6}, F.BAD_FORMAT),
        ({"offset": 1e30}, F.BAD_FORMAT),
        ({"offset": -352.0}, F.BAD_FORMAT),
        ({"offset": 100.0}, F.BAD_FORMAT),
        ({"offset": 352.5}, F.BAD_FORMAT),
        ({"offset": math.nan}, F.BAD_FORMAT),
        ({"offset": 348.0}, F.BAD_FORMAT),
        ({"scale": (2.0, math.nan)}, F.BAD_FORMAT),
        ({"magic": b"ni1\0"}, F.BAD_FORMAT),
        ({"magic": b"xxxx"}, F.BAD_FORMAT),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_nifti_header_that_lies(tmp_path: Path, lie: dict[str, Any], code: CaseFailure, packed: bool) -> None:
    content = nifti(labels(), **lie)
    assert refusal(tmp_path, zipped(content) if packed else content).code is code


def test_nifti_2_axes_whose_product_wraps_round_64_bits(tmp_path: Path) -> None:
    for dim in ((3, 2**32, 2**32, 120, 1, 1, 1, 1), (2, 2**62, 2**62 + 30, 1, 1, 1, 1, 1)):
        assert refusal(tmp_path, nifti(labels(), version=2, dim=dim)).code is F.BAD_SHAPE
        with pytest.raises(ReadFailure, match="BAD_SHAPE"):
            look(tmp_path / "a")


@pytest.mark.parametrize("kept", [0, 2, 10, 100, 347, 352, 400])
@pytest.mark.parametrize("packed", [False, True])
def test_a_truncated_nifti_file(tmp_path: Path, kept: int, packed: bool) -> None:
    content = zipped(nifti(labels())) if packed else nifti(labels())
    assert refusal(tmp_path, content[: min(kept, len(content) - 1)]).code is F.BAD_FORMAT


def test_more_data_than_the_header_declares(tmp_path: Path) -> None:
    content = nifti(labels())
    for longer in (content + b"\0", zipped(content + b"\0"), zipped(content) + b"\0\0", zipped(content) * 2):
        assert refusal(tmp_path, longer).code is F.BAD_FORMAT


def test_gzip_around_something_else(tmp_path: Path) -> None:
    for inner in (b"", b"hello", bytes(1000), mha(labels())):
        assert refusal(tmp_path, zipped(inner)).code is F.BAD_FORMAT


def test_a_damaged_checksum_of_gzip(tmp_path: Path) -> None:
    content = bytearray(zipped(nifti(labels())))
    content[-5] ^= 1
    assert refusal(tmp_path, bytes(content)).code is F.BAD_FORMAT


def test_extensions_in_front_of_the_values_are_passed_over(tmp_path: Path) -> None:
    content = nifti(labels(), offset=352.0 + 64)
    with_extension = content[:348] + b"\1\0\0\0" + struct.pack("<2i", 64, 4) + b"x" * 56 + content[352:]
    assert np.array_equal(taken(tmp_path, with_extension), labels())
    assert np.array_equal(taken(tmp_path, zipped(with_extension)), labels())


# ---- MetaImage that lies


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ElementDataFile": "other.raw"}, F.FORBIDDEN_FILE),
        ({"ElementDataFile": "/etc/passwd"}, F.FORBIDDEN_FILE),
        ({"ElementDataFile": "LIST"}, F.FORBIDDEN_FILE),
        ({"ElementDataFile": None}, F.BAD_FORMAT),
        ({"DimSize": "6 5"}, F.BAD_FORMAT),
        ({"DimSize": "-6 -5 4"}, F.BAD_FORMAT),
        ({"DimSize": "6 5 0"}, F.BAD_FORMAT),
        ({"DimSize": "6 5 99999999999999999999"}, F.BAD_FORMAT),
        ({"DimSize": "9999999999 9999999999 9999999999"}, F.BAD_SHAPE),
        ({"DimSize": "6 5 5"}, F.BAD_SHAPE),
        ({"DimSize": "6 5 ４"}, F.BAD_FORMAT),
        ({"DimSize": None}, F.BAD_FORMAT),
        ({"NDims": "2"}, F.BAD_FORMAT),
        ({"NDims": None}, F.BAD_FORMAT),
        ({"ObjectType": "Tube"}, F.BAD_FORMAT),
        ({"HeaderSize": "-1"}, F.BAD_FORMAT),
        ({"BinaryData": "False"}, F.BAD_FORMAT),
        ({"CompressedData": "perhaps"}, F.BAD_FORMAT),
        ({"CompressedData": "True"}, F.BAD_FORMAT),
        ({"TransformMatrix": "1 0 0"}, F.BAD_FORMAT),
        ({"TransformMatrix": "a b c d e f g h i"}, F.BAD_FORMAT),
        ({"ElementSpacing": "1.25 1.5 3 4"}, F.BAD_FORMAT),
        ({"ElementSpacing": "0 1.5 3"}, F.BAD_GRID),
        ({"ElementType": "MET_DOUBLE"}, F.BAD_FORMAT),
        ({"DimSize": "6 5 4\nDimSize = 6 5 4"}, F.BAD_FORMAT),
        ({"Comment": "x" * 70_000}, F.BAD_FORMAT),
        ({"Comment": " " * 70_000}, F.BAD_FORMAT),
        ({"Comment": " " * 60_000 + "\r", "ElementDataFile": None}, F.BAD_FORMAT),
        ({"Comment": "\nno line of a header"}, F.BAD_FORMAT),
    ],
)
def test_a_metaimage_header_that_lies(tmp_path: Path, said: dict[str, Any], code: CaseFailure) -> None:
    content = mha(labels(), **said)
    assert refusal(tmp_path, content).code is code


def test_metaimage_data_that_ends_early_or_goes_on(tmp_path: Path) -> None:
    for compressed in (False, True):
        content = mha(labels(), compressed=compressed)
        assert refusal(tmp_path, content[:-3]).code is F.BAD_FORMAT
        assert refusal(tmp_path, content + b"\0").code is F.BAD_FORMAT


# ---- one byte that fell over


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_any_byte_flipped_is_an_array_or_a_refusal(tmp_path_factory, data: st.DataObject) -> None:
    read_with_a_byte_flipped(
        tmp_path_factory.mktemp("flip"),
        data=data,
        files=[
            nifti(labels()),
            nifti(labels(dtype="f4"), version=2),
            zipped(nifti(labels())),
            mha(labels()),
            mha(labels(dtype="i2"), compressed=True),
        ],
    )
