"""One bell between the consumer thread and the work loop: a message rings it, the loop answers when it has looked."""

from __future__ import annotations

import threading


class Doorbell:
    """Rings collapse: two messages before the loop looks are one look."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._looked = threading.Condition()
        self._rings = 0
        self._answered = 0

    def ring_and_wait(self) -> None:
        """From a message: return once the loop has looked for work after this ring, so that no second one is taken meanwhile."""
        with self._looked:
            self._rings += 1
            mine = self._rings
            self._rung.set()
            while self._answered < mine:
                self._looked.wait()

    def wake(self) -> None:
        """From a signal: end the wait without a message."""
        self._rung.set()

    def wait(self, *, seconds: float) -> int:
        """From the loop: wait for a ring or the tick. Returns what to answer with."""
        self._rung.wait(seconds)
        with self._looked:
            self._rung.clear()
            return self._rings

    def answer(self, rings: int) -> None:
        """From the loop: everything up to `rings` has been looked at."""
        with self._looked:
            self._answered = max(self._answered, rings)
            self._looked.notify_all()
