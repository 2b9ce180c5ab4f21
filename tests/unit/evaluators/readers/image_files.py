"""NIfTI and MetaImage files byte by byte, so that a test can make each number of a header lie."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from typing import Any

import numpy as np

from evaluators.contract.cases import FLOAT_DTYPES, LABEL_DTYPES, OutputSpec

SHAPE = (6, 5, 4)
#: mm; x runs to the left, so that a mix-up of RAS and LPS shows
AFFINE = ((-1.25, 0.0, 0.0, 10.0), (0.0, 1.5, 0.0, -20.0), (0.0, 0.0, 3.0, 30.0), (0.0, 0.0, 0.0, 1.0))
LABELS = OutputSpec(
    path="seg.nii.gz",
    variable="seg",
    shape=SHAPE,
    dtypes=LABEL_DTYPES,
    formats=("nifti", "mha", "npy", "npz"),
    affine=AFFINE,
    labels=range(4),
)
IMAGE = OutputSpec(
    path="image.nii.gz", variable="image", shape=SHAPE, dtypes=FLOAT_DTYPES, formats=("nifti", "mha", "npy", "npz")
)

NIFTI_CODES = {"u1": 2, "i2": 4, "i4": 8, "f4": 16, "f8": 64, "i1": 256, "u2": 512, "u4": 768, "i8": 1024, "u8": 1280}
MHA_NAMES = {
    "i1": "MET_CHAR",
    "u1": "MET_UCHAR",
    "i2": "MET_SHORT",
    "u2": "MET_USHORT",
    "i4": "MET_INT",
    "u4": "MET_UINT",
    "i8": "MET_LONG_LONG",
    "u8": "MET_ULONG_LONG",
    "f4": "MET_FLOAT",
    "f8": "MET_DOUBLE",
}


def labels(shape: tuple[int, ...] = SHAPE, dtype: str = "u1") -> np.ndarray:
    """Labels 0 to 3, none of them symmetric."""
    return (np.arange(np.prod(shape)).reshape(shape) % 7 % 4).astype(dtype)


def nifti(
    values: np.ndarray,
    *,
    version: int = 1,
    order: str = "<",
    dim: tuple[int, ...] | None = None,
    code: int | None = None,
    offset: float | None = None,
    scale: tuple[float, float] = (0.0, 0.0),
    codes: tuple[int, int] = (0, 1),
    pixdim: tuple[float, ...] = (1.0, 1.25, 1.5, 3.0, 1.0, 1.0, 1.0, 1.0),
    quaternion: tuple[float, ...] = (0.0,) * 6,
    rows: Any = AFFINE[:3],
    units: int = 2,
    magic: bytes | None = None,
) -> bytes:
    """A .nii file of `values`, every field as told, true or not."""
    length = 348 if version == 1 else 540
    head = bytearray(length + 4)
    dim = dim or (values.ndim, *values.shape, *(1,) * (7 - values.ndim))
    code = NIFTI_CODES[values.dtype.str[1:]] if code is None else code
    offset = length + 4 if offset is None else offset
    flat = np.ravel(rows).tolist()

    def put(where: int, form: str, *numbers: Any) -> None:
        struct.pack_into(order + form, head, where, *numbers)

    put(0, "i", length)
    if version == 1:
        head[344:348] = b"n+1\0" if magic is None else magic
        for where, form, numbers in (
            (40, "8h", dim),
            (70, "h", (code,)),
            (76, "8f", pixdim),
            (108, "f", (offset,)),
            (112, "2f", scale),
            (123, "B", (units,)),
            (252, "2h", codes),
            (256, "6f", quaternion),
            (280, "12f", flat),
        ):
            put(where, form, *numbers)
    else:
        head[4:12] = b"n+2\0\r\n\x1a\n" if magic is None else magic
        for where, form, numbers in (
            (12, "h", (code,)),
            (16, "8q", dim),
            (104, "8d", pixdim),
            (168, "q", (int(offset),)),
            (176, "2d", scale),
            (344, "2i", codes),
            (352, "6d", quaternion),
            (400, "12d", flat),
            (500, "i", (units,)),
        ):
            put(where, form, *numbers)
    return bytes(head) + values.astype(order + values.dtype.str[1:]).tobytes(order="F")


def zipped(content: bytes, *, pieces: int = 1) -> bytes:
    """As gzip, or as block gzip in several members."""
    step = max(1, -(-len(content) // pieces))
    return b"".join(gzip.compress(content[at : at + step], mtime=0) for at in range(0, max(1, len(content)), step))


def mha(values: np.ndarray, *, compressed: bool = False, msb: bool = False, **said: Any) -> bytes:
    """A .mha file of `values` on the grid of AFFINE. said: lines of the header as they shall stand; None leaves one out."""
    header: dict[str, str | None] = {
        "ObjectType": "Image",
        "NDims": str(values.ndim),
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": str(msb),
        "CompressedData": str(compressed),
        "TransformMatrix": "1 0 0 0 -1 0 0 0 1",
        "Offset": "-10 20 30",
        "ElementSpacing": "1.25 1.5 3",
        "DimSize": " ".join(map(str, values.shape)),
        "ElementType": MHA_NAMES[values.dtype.str[1:]],
    }
    header |= {"ElementDataFile": "LOCAL", **said}
    # it ends the header
    header["ElementDataFile"] = header.pop("ElementDataFile")
    text = "".join(f"{key} = {value}\n" for key, value in header.items() if value is not None)
    data = values.astype((">" if msb else "<") + values.dtype.str[1:]).tobytes(order="F")
    return text.encode() + (zlib.compress(data) if compressed else data)


def npy(values: np.ndarray) -> bytes:
    """As numpy.save writes it."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def npy_of(header: str, data: bytes = b"", *, version: bytes = b"\1\0") -> bytes:
    """A .npy file whose header says anything."""
    return (
        b"\x93NUMPY" + version + len(header).to_bytes(2 if version == b"\1\0" else 4, "little") + header.encode() + data
    )


def npz(*, compressed: bool = False, **arrays: Any) -> bytes:
    """As numpy.savez and savez_compressed write it."""
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()
