"""The engine's attach and exec sockets: lines out of multiplexed frames, with a time-out and a length cap."""

from __future__ import annotations

import socket
import time
from typing import Any

from evaluators.sandbox.errors import EngineFailure

_HEADER = 8
_STDOUT = 1
_LOG_KEPT = 16 * 2**10


class LineTimeout(Exception):
    """No whole line within the time-out."""


class LineTooLong(Exception):
    """A line exceeds the cap."""


class FrameStream:
    """stdin and demultiplexed stdout of one attached process. stderr is kept, its end only."""

    def __init__(self, *, attached: Any, line_limit: int) -> None:
        """attached: what the SDK's attach_socket or exec_start(socket=True) returned."""
        self._attached = attached  # keeps the HTTP response, and so the connection, alive
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._limit = line_limit
        self._frames = bytearray()
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._ended = False

    @property
    def stderr(self) -> str:
        """The end of what came on stderr so far."""
        return self._stderr.decode(errors="replace")

    @property
    def ended(self) -> bool:
        """Whether its output has come to its end."""
        return self._ended

    def send(self, data: bytes, *, timeout: float) -> None:
        """Write to its stdin. Raises EngineFailure when it does not take it."""
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(data)
        except OSError as error:
            raise EngineFailure("a container of ours stopped reading its input") from error

    def read_line(self, *, timeout: float) -> bytes | None:
        """The next line without its end, or None at the end of output. Raises LineTimeout, LineTooLong."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._stdout and not self._ended:
            if len(self._stdout) > self._limit:
                raise LineTooLong
            self._receive(deadline=deadline)
        line, found, rest = self._stdout.partition(b"\n")
        if len(line) > self._limit:
            raise LineTooLong
        self._stdout = rest
        return bytes(line) if found or line else None

    def close(self) -> None:
        """Drop the connection; the process may live on."""
        self._attached.close()
        self._socket.close()

    def _receive(self, *, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise LineTimeout
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(2**16)
        except TimeoutError as error:
            raise LineTimeout from error
        except OSError:
            data = b""
        if not data:
            self._ended = True
        self._frames += data
        # one frame: kind, three zero bytes, length (big-endian), payload
        while len(self._frames) >= _HEADER:
            length = int.from_bytes(self._frames[4:_HEADER])
            if len(self._frames) < _HEADER + length:
                break
            payload = self._frames[_HEADER : _HEADER + length]
            if self._frames[0] == _STDOUT:
                self._stdout += payload
            else:
                self._stderr = (self._stderr + payload)[-_LOG_KEPT:]
            del self._frames[: _HEADER + length]
