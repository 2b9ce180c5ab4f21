"""What an HDF5 file says of one array: all that the process that parses it may tell, and nothing in the file's own words."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

#: floats, complex numbers made of two of them, and integers, in the file's byte order
Numbers = Literal[
    "<f4", ">f4", "<f8", ">f8", "<c8", ">c8", "<c16", ">c16",
    "<i1", ">i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8",
    "<u1", ">u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8",
]  # fmt: skip
OtherType = Literal[
    "integers",
    "floats of another width",
    "complex or compound values",
    "text",
    "references",
    "an enumeration",
    "another type",
]


class Description(BaseModel):
    """One name at the root of a file; everything below `found` is set for an array alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    found: Literal["array", "missing", "link", "group", "damaged"]
    type: Numbers | OtherType = "another type"
    #: as stored; None: not an array of numbers side by side
    shape: tuple[int, ...] | None = None
    layout: Literal["compact", "contiguous", "chunked", "virtual"] = "virtual"
    external: bool = False
    #: (HDF5's number, its parameters), in the order in which they were applied
    filters: tuple[tuple[int, tuple[int, ...]], ...] = ()
    chunk: tuple[int, ...] = ()
    #: (place of the first value, mask of filters left out, offset in the file, bytes); no more than MOST_CHUNKS + 1
    chunks: tuple[tuple[tuple[int, ...], int, int, int], ...] = ()
    #: where contiguous values begin in the file
    offset: int | None = None
    #: hexadecimal: one value, for what was never written; empty is zero
    fill: str = ""
    #: hexadecimal: the values of a compact array
    compact: str = ""


class Names(BaseModel):
    """What there is at the root of a file, in its own words: for a person who looks at a file of their own, never for a score."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    names: tuple[str, ...] | None


MOST_CHUNKS = 65_536
#: bytes that a description of so many chunks may take
LONGEST = 2**25
