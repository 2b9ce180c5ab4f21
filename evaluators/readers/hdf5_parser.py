"""Asks a process of its own what an HDF5 file says of an array; libhdf5 never runs in ours.

The process starts at the first question and serves until we end. One that crashes, loops or answers nonsense is ended, the
file is at fault, and the next question starts another.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evaluators.readers.hdf5_description import LONGEST, MOST_CHUNKS, Description, Names

_Answer = TypeVar("_Answer", bound=BaseModel)
#: see hdf5_process.ALL_NAMES
_ALL_NAMES = b"\0"
_PROGRAM = Path(__file__).with_name("hdf5_process.py")
_LENGTH = struct.Struct("=I")
#: processor time of a question, twice what a description of the most chunks takes
SECONDS = 1.0
#: and this is for a process that waits
_PATIENCE = 30.0


class ParserEnded(Exception):
    """The file brought libhdf5 down: a crash, a loop, or too much memory."""


class ParserMissing(Exception):
    """It did not come up: our fault, or the machine's, and no file's."""


def start() -> None:
    """Have it running before a file is open. Raises ParserMissing."""
    _PARSER.start()


def describe(descriptor: int, *, variable: str) -> Description:
    """What an open file says of the array `variable`. Raises ParserEnded, ParserMissing."""
    return _PARSER.ask(descriptor, name=variable.encode(), form=Description)


def names(descriptor: int) -> tuple[str, ...] | None:
    """The names at the root of an open file, a thousand and one at most; None: it is damaged. Raises ParserEnded, ParserMissing."""
    return _PARSER.ask(descriptor, name=_ALL_NAMES, form=Names).names


class _Parser:
    def __init__(self) -> None:
        self._lock = Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def start(self) -> None:
        with self._lock:
            self._started()

    def ask(self, descriptor: int, *, name: bytes, form: type[_Answer]) -> _Answer:
        with self._lock:
            channel = self._started()
            try:
                socket.send_fds(channel, [name], [descriptor])
                (length,) = _LENGTH.unpack(_received(channel, _LENGTH.size))
                if length > LONGEST:
                    raise ParserEnded
                return form.model_validate_json(_received(channel, length))
            except (OSError, ValidationError, ParserEnded):
                self._end()
                raise ParserEnded from None

    def _started(self) -> socket.socket:
        # a forked child must not talk over its parent's channel
        if self._channel is not None and self._owner == os.getpid():
            return self._channel
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_PROGRAM), str(theirs.fileno()), str(MOST_CHUNKS), str(SECONDS)],
                pass_fds=[theirs.fileno()],
                # it has to find our code, and needs to know nothing else
                env={
                    "PYTHONPATH": os.pathsep.join(entry or "." for entry in sys.path),
                    "PATH": os.environ.get("PATH", ""),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._channel, self._owner = ours, os.getpid()
        try:
            _received(ours, 1)
        except (OSError, ParserEnded):
            self._end()
            raise ParserMissing("the process that parses HDF5 did not start") from None
        return ours

    def _end(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None


def _received(channel: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        if not select.select([channel], [], [], _PATIENCE)[0]:
            raise ParserEnded
        part = channel.recv(min(count - len(data), 2**20))
        if not part:
            raise ParserEnded
        data += part
    return bytes(data)


_PARSER = _Parser()
