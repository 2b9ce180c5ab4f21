"""What is fuzzed: every reader, through the door, with files that our own code writes as its seeds.

A new reader is one line in TARGETS. Whatever `run` raises is a finding, but for Contained, which is counted; a refusal by ReadFailure
is what we want.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from evaluators.contract.cases import OutputSpec
from evaluators.contract.forms import Fields, JsonSpec, Number, Rows, Table, Text
from evaluators.readers import ReadFailure, look, read, read_json
from tests.fuzz.image_seeds import json_files, mha_files, nifti_files, npy_files, npz_files
from tests.fuzz.seeds import hdf5_files, mat5_files, virtual_files
from tests.unit.evaluators.readers.files import WANTED
from tests.unit.evaluators.readers.image_files import IMAGE, LABELS


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
    #: one of so many executions, where most inputs cost a process
    divisor: int = 1


class _Place:
    """One path in memory where the bytes of every input are laid as a file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._path: Path | None = None

    def lay(self, content: bytes) -> Path:
        """The file that holds `content`."""
        if self._path is None:
            memory = Path("/dev/shm")
            held = tempfile.TemporaryDirectory(prefix="assay-fuzz-", dir=memory if memory.is_dir() else None)
            atexit.register(held.cleanup)
            self._path = Path(held.name) / self._name
        with self._path.open("wb") as file:
            file.write(content)
        return self._path


def door(*specs: OutputSpec, unasked: bool = False) -> Callable[[bytes], None]:
    """The bytes as a file, read as the scorer does for each spec; what is read must be what was asked for.

    unasked: looked at without a spec as well.
    """
    place = _Place(Path(specs[0].path).name)

    def run(content: bytes) -> None:
        path = place.lay(content)
        for spec in specs:
            try:
                array = read(path, spec=spec)
            except ReadFailure as failure:
                if any(words in failure.note.detail for words in _CONTAINED):
                    raise Contained from None
            else:
                if array.shape != spec.shape or f"{array.dtype.kind}{array.dtype.itemsize}" not in spec.dtypes:
                    raise AssertionError(f"read {array.dtype} {array.shape}")
        if unasked:
            with contextlib.suppress(ReadFailure):
                look(path, most_bytes=2**24)

    return run


def answers(*specs: JsonSpec) -> Callable[[bytes], None]:
    """The bytes as a file of answers, read by each spec; what is read can be written down again."""
    place = _Place("answers.json")

    def run(content: bytes) -> None:
        path = place.lay(content)
        for spec in specs:
            try:
                found = read_json(path, spec=spec)
            except ReadFailure as failure:
                _ = failure.note
            else:
                json.dumps(found, allow_nan=False, ensure_ascii=False).encode()

    return run


def _only(name: str, wanted: OutputSpec = WANTED) -> OutputSpec:
    return dataclasses.replace(wanted, formats=(name,))


_ANSWERS = JsonSpec(path="a.json", form=Rows(of=Fields(of={"id": Text(), "answer": Text()}), identity="id"))
_SCORES = JsonSpec(path="a.json", form=Table(of=Table(of=Number(low=0, high=1))))

TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "mat5": Target(run=door(_only("mat-v7")), seeds=mat5_files),
        "hdf5": Target(run=door(_only("mat-v7.3")), seeds=hdf5_files),
        "hdf5-virtual": Target(run=door(_only("mat-v7.3")), seeds=virtual_files, divisor=40),
        "nifti": Target(run=door(_only("nifti", LABELS), _only("nifti", IMAGE), unasked=True), seeds=nifti_files),
        "mha": Target(run=door(_only("mha", LABELS), _only("mha", IMAGE), unasked=True), seeds=mha_files),
        "npy": Target(run=door(_only("npy", LABELS), _only("npy", IMAGE), unasked=True), seeds=npy_files),
        "npz": Target(run=door(_only("npz", LABELS), _only("npz", IMAGE), unasked=True), seeds=npz_files),
        "json": Target(run=answers(_ANSWERS, _SCORES), seeds=json_files),
    }
)
