"""Label maps in NIfTI-1 files, read with the standard library: importers need no imaging package for one array."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluators.importers.problems import BadFile

_HEADER = 348
#: datatype code -> numpy kind and width
_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4"}
#: larger than any stack of slices: a header that promises more is damaged
_MOST_VOXELS = 2**28


def read_nifti(path: Path) -> NDArray[np.float64]:
    """The array of a .nii or .nii.gz file in its own axis order, scaled as the header says. Raises BadFile."""
    wanted = "a NIfTI-1 file"
    try:
        packed = path.read_bytes()
        content = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
    except (OSError, EOFError, zlib.error):
        raise BadFile(wanted=wanted, found="a damaged .gz") from None
    order = next((o for o in "<>" if content[:4] == struct.pack(f"{o}i", _HEADER)), None)
    if order is None or len(content) < _HEADER or content[344:347] not in {b"n+1", b"ni1"}:
        raise BadFile(wanted=wanted, found="another format")
    axes, *sizes = struct.unpack_from(f"{order}8h", content, 40)
    (code,) = struct.unpack_from(f"{order}h", content, 70)
    start, slope, offset = struct.unpack_from(f"{order}3f", content, 108)
    shape = tuple(sizes[:axes]) if 1 <= axes <= 7 else ()
    if code not in _TYPES or not shape or min(shape) < 1 or prod(shape) > _MOST_VOXELS or not 0 <= start < 2**20:
        raise BadFile(wanted=wanted, found=f"type {code}, shape {shape}")
    dtype = np.dtype(f"{order}{_TYPES[code]}")
    data = content[int(start) : int(start) + prod(shape) * dtype.itemsize]
    if len(data) != prod(shape) * dtype.itemsize:
        raise BadFile(wanted=wanted, found="an end before its data")
    values = np.frombuffer(data, dtype=dtype).reshape(shape, order="F").astype(np.float64)
    # slope 0 means: not scaled
    return values * slope + offset if slope not in {0.0, 1.0} or offset else values


def read_labels(path: Path, *, codes: Mapping[int, int], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """(x, y, slice) in our codes. codes: label in the file -> ours; shape: of the scan. Raises BadFile."""
    values = read_nifti(path)
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.shape != shape:
        raise BadFile(wanted=f"labels (x, y, slice) of the full sample, {shape}", found=f"{values.shape}")
    known = (0, *codes)
    if unknown := sorted(set(np.unique(values)) - set(known)):
        raise BadFile(wanted=f"labels {', '.join(map(str, known))}", found=f"{unknown[0]:g}")
    if not values.any():
        raise BadFile(wanted=f"labels {', '.join(map(str, codes))}", found="zeros alone")
    table = np.zeros(max(known) + 1, dtype=np.uint8)
    for code, ours in codes.items():
        table[code] = ours
    labels: NDArray[np.uint8] = table[values.astype(np.intp)]
    return labels
