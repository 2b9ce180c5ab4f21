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

from pydantic import ValidationError

from evaluators.readers.hdf5_description import LONGEST, MOST_CHUNKS, Description

_PROGRAM = Path(__file__).with_name("hdf5_process.py")
_LENGTH = struct.Struct("=I")
#: it allows itself 1 s of processor time; this is for one that waits
_PATIENCE = 30.0


class ParserEnded(Exception):
    """The file brought libhdf5 down: a crash, a loop, or too much memory."""


def describe(descriptor: int, *, variable: str) -> Description:
    """What an open file says of the array `variable`. Raises ParserEnded."""
    return _PARSER.ask(descriptor, name=variable.encode())


class _Parser:
    def __init__(self) -> None:
        self._lock = Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def ask(self, descriptor: int, *, name: bytes) -> Description:
        with self._lock:
            channel = self._started()
            try:
                socket.send_fds(channel, [name], [descriptor])
                (length,) = _LENGTH.unpack(_received(channel, _LENGTH.size))
                if length > LONGEST:
                    raise ParserEnded
                return Description.model_validate_json(_received(channel, length))
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
                [sys.executable, "-I", str(_PROGRAM), str(theirs.fileno()), str(MOST_CHUNKS)],
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
