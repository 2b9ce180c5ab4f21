"""What an organiser uploads: cases with input files, references and strata, each file named by its hash."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist, hypot
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SHA256 = r"^[0-9a-f]{64}$"
_STRICT = ConfigDict(frozen=True, extra="forbid")
#: stands for the pseudonym in the path of an input file
NAME = "{name}"
#: a name in inputs that teams hold, as it may stand in their place
GIVEN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


_Finite = Annotated[float, Field(allow_inf_nan=False)]
#: voxel index -> mm, four rows of four, towards right, anterior, superior as NIfTI has it
Affine = Annotated[tuple[tuple[_Finite, _Finite, _Finite, _Finite], ...], Field(min_length=4, max_length=4)]


def spacing_of(affine: Affine, *, axes: int) -> tuple[float, ...]:
    """mm from voxel to voxel along the first `axes` axes, three at most."""
    return tuple(hypot(*(row[axis] for row in affine[:3])) for axis in range(min(axes, 3)))


def diagonal(shape: Sequence[int], *, spacing: Sequence[float]) -> float:
    """Length of an image's diagonal in mm, sizes times spacing: what a metric of distances counts at worst.

    Axes behind those that have a spacing are none of space.
    """
    sides = [size * step for size, step in zip(shape, spacing, strict=False)]
    return dist([0.0] * len(sides), sides)


def diagonal_of(affine: Affine, *, shape: Sequence[int]) -> float:
    """The same, where an affine says how far voxels lie apart."""
    return diagonal(shape, spacing=spacing_of(affine, axes=len(shape)))


def check_relative_path(path: str) -> str:
    """`path` if it stays below its root and is plain. Raises ValueError."""
    parts = path.split("/")
    if (
        not path
        or path.startswith("/")
        or "\\" in path
        or "\0" in path
        or any(part in {"", ".", ".."} for part in parts)
    ):
        raise ValueError(f"{path!r} is not a plain relative path")
    return path


def reference_parts(paths: Sequence[str]) -> dict[str, int]:
    """What each reference of a case is -> its position. The first is the part ``; `T1map_times.npy` beside `T1map.npy` is
    the part `times`. A file that is not named after the first is no part of it.
    """
    stem = paths[0].removesuffix(".npy")
    parts = {"": 0}
    for position, path in enumerate(paths[1:], start=1):
        name = path.removesuffix(".npy").removeprefix(f"{stem}_")
        if path == f"{stem}_{name}.npy":
            parts.setdefault(name, position)
    return parts


class FileRef(BaseModel):
    """One file of a case."""

    model_config = _STRICT

    path: str = Field(max_length=400, description="below /input or the reference folder; `{name}` is the pseudonym")
    sha256: str = Field(pattern=SHA256, description="of the bytes as stored (ciphertext for references)")
    size: int = Field(ge=0, description="bytes as stored")

    _plain = field_validator("path")(check_relative_path)


class CaseManifest(BaseModel):
    """One row of scores."""

    model_config = _STRICT

    label: str = Field(
        pattern=r"^[A-Za-z0-9 ._-]{1,64}$", description="fixed name on the site, says nothing of the subject"
    )
    unit: str = Field(max_length=64, description="independent unit, usually the subject; never shown")
    group: str = Field(max_length=200, description="cases that share one pseudonym: usually subject and stratum")
    strata: dict[str, str]
    inputs: tuple[FileRef, ...] = Field(min_length=1, description="the first one is mirrored by the output")
    references: tuple[FileRef, ...] = Field(min_length=1)
    shape: tuple[int, ...] = Field(description="of the expected output, in the file's own axis order")
    affine: Affine | None = Field(
        default=None,
        description="of input and reference alike; None: the layout's files say nothing of where voxels lie",
    )
    given_as: str | None = Field(
        default=None,
        pattern=GIVEN_NAME,
        # versions that were sealed without it keep their hash
        exclude_if=lambda value: value is None,
        description="what stands for `{name}` in the inputs that teams hold; None: they hold none",
    )


class DatasetManifest(BaseModel):
    """A whole version; its canonical JSON is what the dataset's hash covers."""

    model_config = _STRICT

    layout: str
    #: hidden references are ciphertext (see sealing.py); a public sample keeps them open
    visibility: Literal["hidden", "public"]
    cases: tuple[CaseManifest, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> DatasetManifest:
        labels = [case.label for case in self.cases]
        if len(set(labels)) != len(labels):
            raise ValueError("two cases share a label")
        firsts = [(case.group, case.inputs[0].path) for case in self.cases]
        if len(set(firsts)) != len(firsts):
            raise ValueError("two cases share their first input file")
        given = [case.inputs[0].path.replace(NAME, case.given_as) for case in self.cases if case.given_as is not None]
        if given and len(given) != len(self.cases):
            raise ValueError("some cases were given out under a name and some were not")
        if len(set(given)) != len(given):
            raise ValueError("two cases were given out with one path")
        return self
