"""Which formats are read, how their files start, and by which reader."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO, Protocol

from numpy.typing import NDArray

from evaluators.contract.cases import OutputSpec
from evaluators.readers.hdf5 import HDF5_MAGIC, HDF5_OFFSETS, read_hdf5
from evaluators.readers.mat5 import looks_like_mat5, read_mat5
from evaluators.readers.mha import looks_like_mha, read_mha
from evaluators.readers.nifti import GZIP_MAGIC, looks_like_nifti, read_nifti
from evaluators.readers.npy import NPY_MAGIC, read_npy
from evaluators.readers.npz import NPZ_MAGICS, read_npz

#: as many bytes as tell one format from another
_HEAD = 600


class Reader(Protocol):
    """What a format offers."""

    def __call__(self, file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[Any]:
        """The array that `spec` asks for; trailing axes of size 1 may be missing. Raises ReadFailure."""


def _read_hdf5(file: BinaryIO, *, size: int, spec: OutputSpec) -> NDArray[Any]:  # noqa: ARG001 - HDF5 asks the file itself
    return read_hdf5(file, spec=spec)


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "mat-v7": read_mat5,
        "mat-v7.3": _read_hdf5,
        "nifti": read_nifti,
        "mha": read_mha,
        "npy": read_npy,
        "npz": read_npz,
    }
)


def sniff(file: BinaryIO) -> str | None:
    """The format that the first bytes say, whatever the file is called; None for any other."""
    file.seek(0)
    head = file.read(_HEAD)
    if any(head[offset:].startswith(HDF5_MAGIC) for offset in HDF5_OFFSETS):
        return "mat-v7.3"
    if looks_like_mat5(head[:128]):
        return "mat-v7"
    # nothing but an image comes under gzip
    if head.startswith(GZIP_MAGIC) or looks_like_nifti(head):
        return "nifti"
    if head.startswith(NPY_MAGIC):
        return "npy"
    if head.startswith(NPZ_MAGICS):
        return "npz"
    return "mha" if looks_like_mha(head) else None
