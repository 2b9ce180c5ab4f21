"""The process in which libhdf5 parses hostile files: python -I hdf5_process.py SOCKET MOST_CHUNKS SECONDS.

libhdf5 loops for ever, or crashes, on some damaged descriptions (a global heap that names itself is enough), and nothing
inside one process can end a loop in C. So it works here: a question is an open file and a name, the answer a Description
(or, to ALL_NAMES, the names that there are), and whoever asks ends us when none comes. It can open no other file, use so much memory and, a question, so much processor
time. Nothing of ours is imported, so that it is there at once; `hdf5_parser.py` starts it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
import sys
from itertools import islice
from math import prod
from typing import Any

# a filter that HDF5 does not know would be looked up as a plugin: a shared library. Set before HDF5 starts
os.environ["HDF5_PLUGIN_PRELOAD"] = "::"

import h5py
import numpy as np
from h5py import h5d, h5i, h5l, h5o, h5s, h5t

LENGTH = struct.Struct("=I")
#: asked in place of a name, which can hold no such byte
ALL_NAMES = b"\0"
_MOST_NAMES = 1_000
_LONGEST_NAME = 4096
_MEMORY = 2**29
_LONGEST_COMPACT = 2**16

_FLOATS = {"f4": (h5t.IEEE_F32LE, h5t.IEEE_F32BE), "f8": (h5t.IEEE_F64LE, h5t.IEEE_F64BE)}
_INTEGERS = {
    f"{kind}{bits // 8}": tuple(getattr(h5t, f"STD_{kind.upper()}{bits}{order}") for order in ("LE", "BE"))
    for kind in "iu"
    for bits in (8, 16, 32, 64)
}
#: MATLAB's names of the parts of a complex number, and h5py's
_PARTS = ((b"real", b"imag"), (b"r", b"i"))
_CLASSES = {
    h5t.INTEGER: "integers",
    h5t.FLOAT: "floats of another width",
    h5t.COMPOUND: "complex or compound values",
    h5t.STRING: "text",
    h5t.REFERENCE: "references",
    h5t.ENUM: "an enumeration",
}
_LAYOUTS = {h5d.COMPACT: "compact", h5d.CONTIGUOUS: "contiguous", h5d.CHUNKED: "chunked"}


def describe(descriptor: int, name: bytes, *, most_chunks: int) -> dict[str, Any]:
    """The fields of a Description of `name` at the root of an open file."""
    try:
        with os.fdopen(descriptor, "rb") as file, h5py.File(file, "r") as opened:
            return _of(opened, name, most_chunks=most_chunks)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError, OverflowError):
        return {"found": "damaged"}


def names(descriptor: int, *, most: int) -> dict[str, Any]:
    """{names: those of hard links at the root that are UTF-8, one more than `most` at most}; none where the file is damaged."""
    try:
        with os.fdopen(descriptor, "rb") as file, h5py.File(file, "r") as opened:
            links = opened.id.links
            # h5py hands out as bytes what is no UTF-8: nobody can ask for such a name
            named = (name for name in opened if isinstance(name, str))
            plain = (name for name in named if links.get_info(name.encode()).type == h5l.TYPE_HARD)
            return {"names": list(islice(plain, most + 1))}
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError, OverflowError):
        return {"names": None}


def _of(opened: h5py.File, name: bytes, *, most_chunks: int) -> dict[str, Any]:
    links = opened.id.links
    if not links.exists(name):
        return {"found": "missing"}
    if links.get_info(name).type != h5l.TYPE_HARD:
        return {"found": "link"}
    node = h5o.open(opened.id, name)
    if h5i.get_type(node) != h5i.DATASET:
        return {"found": "group"}
    return {"found": "array"} | _array(node, most_chunks=most_chunks)


def _array(node: h5d.DatasetID, *, most_chunks: int) -> dict[str, Any]:
    plan, space, stored = node.get_create_plist(), node.get_space(), node.get_type()
    form = _numbers(stored)
    layout = _LAYOUTS.get(plan.get_layout(), "virtual")
    filters = [plan.get_filter(position) for position in range(plan.get_nfilters())]
    simple = space.get_simple_extent_type() == h5s.SIMPLE
    facts: dict[str, Any] = {
        "type": form or _CLASSES.get(stored.get_class(), "another type"),
        "shape": space.get_simple_extent_dims() if simple else None,
        "layout": layout,
        "external": plan.get_external_count() > 0,
        "filters": [(number, values) for number, _, values, _ in filters],
    }
    if form is None or not simple or layout == "virtual" or facts["external"]:
        return facts
    facts["fill"] = _fill(node)
    if layout == "contiguous":
        return facts | {"offset": node.get_offset()}
    if layout == "compact":
        return facts | {"compact": _compact(node, form=form, shape=facts["shape"])}
    return facts | {"chunk": plan.get_chunk(), "chunks": _chunks(node, most=most_chunks)}


def _compact(node: h5d.DatasetID, *, form: str, shape: tuple[int, ...]) -> str:
    if prod(shape) * np.dtype(form).itemsize > _LONGEST_COMPACT:
        return ""
    values = np.zeros(shape, dtype=form)
    node.read(h5s.ALL, h5s.ALL, values, mtype=node.get_type())
    return values.tobytes().hex()


def _chunks(node: h5d.DatasetID, *, most: int) -> list[Any]:
    chunks: list[Any] = []

    def note(found: h5d.StoreInfo) -> bool | None:
        chunks.append((found.chunk_offset, found.filter_mask, found.byte_offset, found.size))
        # anything but None stops HDF5
        return True if len(chunks) > most else None

    node.chunk_iter(note)
    return chunks


def _fill(node: h5d.DatasetID) -> str:
    plan = node.get_create_plist()
    if plan.fill_value_defined() != h5d.FILL_VALUE_USER_DEFINED:
        return ""
    # h5py's own word for the type: it would not convert a compound of {real, imag} to a complex number
    value = np.zeros(1, dtype=node.dtype)
    plan.get_fill_value(value)
    return value.tobytes().hex()


def _numbers(stored: h5t.TypeID) -> str | None:
    if (real := _real(stored, forms=_FLOATS | _INTEGERS)) is not None:
        return real
    if stored.get_class() != h5t.COMPOUND or stored.get_nmembers() != 2:
        return None
    names = tuple(stored.get_member_name(number) for number in range(2))
    parts = [_real(stored.get_member_type(number), forms=_FLOATS) for number in range(2)]
    if names not in _PARTS or parts[0] is None or parts[0] != parts[1]:
        return None
    order, width = parts[0][0], int(parts[0][2:])
    packed = [stored.get_member_offset(number) for number in range(2)] == [0, width] and stored.get_size() == 2 * width
    return f"{order}c{2 * width}" if packed else None


def _real(stored: h5t.TypeID, *, forms: dict[str, tuple[h5t.TypeID, h5t.TypeID]]) -> str | None:
    for name, (little, big) in forms.items():
        if stored.equal(little):
            return f"<{name}"
        if stored.equal(big):
            return f">{name}"
    return None


def serve(channel: socket.socket, *, most_chunks: int, seconds: float) -> None:
    """Says that it is there, then answers until the other side is gone."""
    channel.sendall(b".")
    while True:
        name, descriptors, _, _ = socket.recv_fds(channel, _LONGEST_NAME, 1)
        if not descriptors:
            return
        # processor time, whatever else the machine does; the signal ends us inside of C as well
        signal.setitimer(signal.ITIMER_PROF, seconds)
        found = (
            names(descriptors[0], most=_MOST_NAMES)
            if name == ALL_NAMES
            else describe(descriptors[0], name, most_chunks=most_chunks)
        )
        answer = json.dumps(found).encode()
        signal.setitimer(signal.ITIMER_PROF, 0)
        channel.sendall(LENGTH.pack(len(answer)) + answer)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main(inherited: int, most_chunks: int, seconds: float) -> None:
    """Give up what is not needed, then serve."""
    os.dup2(inherited, 3)
    os.closerange(4, max(inherited, 4) + 1)
    channel = socket.socket(fileno=3)
    mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
    _limit(resource.RLIMIT_AS, mapped + _MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    # the file that is passed is number 4; there is room for no other
    _limit(resource.RLIMIT_NOFILE, 5)
    serve(channel, most_chunks=most_chunks, seconds=seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
