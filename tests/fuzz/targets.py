"""What is fuzzed: every reader, through the door, with files that our own code writes as its seeds.

A new reader is one line in TARGETS. Whatever `run` raises is a finding, but for Contained, which is counted; a refusal by ReadFailure
is what we want.
"""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from evaluators.contract.cases import OutputSpec
from evaluators.readers import ReadFailure, read
from tests.fuzz.seeds import hdf5_files, mat5_files
from tests.unit.evaluators.readers.files import WANTED


class Contained(Exception):
    """A library was brought down in a process of its own: the file was refused, and the event is counted."""


#: what the refusal says then
_CONTAINED = ("crashes or loops",)


class Target(NamedTuple):
    """One reader."""

    #: takes the bytes of a file
    run: Callable[[bytes], None]
    #: good files and hostile ones to start from
    seeds: Callable[[], list[bytes]]


def door(spec: OutputSpec) -> Callable[[bytes], None]:
    """The bytes as a file at the path of `spec`, read as the scorer does; what is read must be what was asked for."""
    places: list[Path] = []

    def run(content: bytes) -> None:
        if not places:
            memory = Path("/dev/shm")
            held = tempfile.TemporaryDirectory(prefix="assay-fuzz-", dir=memory if memory.is_dir() else None)
            atexit.register(held.cleanup)
            places.append(Path(held.name) / Path(spec.path).name)
        with places[0].open("wb") as file:
            file.write(content)
        try:
            array = read(places[0], spec=spec)
        except ReadFailure as failure:
            if any(words in failure.note.detail for words in _CONTAINED):
                raise Contained from None
        else:
            if array.shape != spec.shape or f"{array.dtype.kind}{array.dtype.itemsize}" not in spec.dtypes:
                raise AssertionError(f"read {array.dtype} {array.shape}")

    return run


def _only(name: str) -> OutputSpec:
    return OutputSpec(
        path=WANTED.path, variable=WANTED.variable, shape=WANTED.shape, dtypes=WANTED.dtypes, formats=(name,)
    )


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "mat5": Target(run=door(_only("mat-v7")), seeds=mat5_files),
        "hdf5": Target(run=door(_only("mat-v7.3")), seeds=hdf5_files),
    }
)
