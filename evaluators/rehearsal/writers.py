"""An array as a file of the formats that task kinds accept."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from evaluators.contract.cases import OutputSpec
from evaluators.phantoms.layout import write_matlab73
from evaluators.phantoms.nifti import nifti_bytes

Values = NDArray[Any]


def file_of(values: Values, *, spec: OutputSpec) -> bytes:
    """`values` (axes as the task names them) in the first accepted format that is written here. Raises KeyError where none is."""
    format_ = next((name for name in spec.formats if name in _WRITERS), spec.formats[0])
    return _WRITERS[format_](values, spec)


def _mat5(values: Values, spec: OutputSpec) -> bytes:
    file = io.BytesIO()
    savemat(file, {spec.variable: values}, format="5")
    return file.getvalue()


def _mat73(values: Values, spec: OutputSpec) -> bytes:
    # HDF5 wants a name to write to
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.mat"
        write_matlab73(path=path, variable=spec.variable, values=values.astype(np.float32).T)
        return path.read_bytes()


def _nifti(values: Values, spec: OutputSpec) -> bytes:
    affine = None if spec.affine is None else np.asarray(spec.affine, dtype=np.float64)
    return nifti_bytes(_plain(values), affine=affine)


def _mha(values: Values, spec: OutputSpec) -> bytes:
    """MetaImage: directions and origin in LPS, where NIfTI has RAS."""
    stored = _plain(values)
    axes = stored.ndim
    affine = np.eye(4) if spec.affine is None else np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(spec.affine)
    spacing = np.linalg.norm(affine[:axes, :axes], axis=0)
    kind = {"u1": "MET_UCHAR", "i2": "MET_SHORT", "f4": "MET_FLOAT"}[stored.dtype.str[1:]]
    header = {
        "ObjectType": "Image", "NDims": axes, "BinaryData": "True", "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False", "TransformMatrix": _numbers((affine[:axes, :axes] / spacing).T.ravel()),
        "Offset": _numbers(affine[:axes, 3]), "ElementSpacing": _numbers(spacing),
        "DimSize": " ".join(map(str, stored.shape)), "ElementType": kind, "ElementDataFile": "LOCAL",
    }  # fmt: skip
    head = "".join(f"{key} = {value}\n" for key, value in header.items())
    return head.encode() + stored.astype(stored.dtype.newbyteorder("<"), copy=False).tobytes(order="F")


def _npy(values: Values, spec: OutputSpec) -> bytes:  # noqa: ARG001 - every writer's signature
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()


def _npz(values: Values, spec: OutputSpec) -> bytes:
    file = io.BytesIO()
    arrays: dict[str, Any] = {spec.variable: values}
    np.savez(file, **arrays)
    return file.getvalue()


def _plain(values: Values) -> Values:
    """As uint8, int16 or float32: the first that holds every value."""
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    return values.astype(np.uint8 if values.max(initial=0) < 2**8 else np.int16)


def _numbers(values: Values) -> str:
    return " ".join(f"{value:.17g}" for value in values)


_WRITERS: Mapping[str, Callable[[Values, OutputSpec], bytes]] = MappingProxyType(
    {"mat-v7": _mat5, "mat-v7.3": _mat73, "nifti": _nifti, "mha": _mha, "npy": _npy, "npz": _npz}
)
