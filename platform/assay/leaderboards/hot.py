"""The answers that a process gave last, in its memory: the cache of files unpacks what it gives, which takes longer than sending it."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any


class Hot:
    """The newest answers, up to so many bytes of bodies. Keys name content, so nothing in here grows old."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._held = 0
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> dict[str, Any] | None:
        """What was put there, or None."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep it, and drop what was asked for longest ago. answer: has a `body` of bytes."""
        with self._lock:
            if key in self._answers or len(answer["body"]) > self._most:
                return
            self._answers[key] = answer
            self._held += len(answer["body"])
            while self._held > self._most:
                _, dropped = self._answers.popitem(last=False)
                self._held -= len(dropped["body"])

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._answers.clear()
            self._held = 0
