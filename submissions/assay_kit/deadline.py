"""How long a command may take in all: what `--timeout` sets."""

from __future__ import annotations

import time

from assay_kit.errors import WaitedTooLong


class Deadline:
    """Counts from the moment it is made. `seconds` None never ends."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        """Seconds, never below 0; None without a limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def at_most(self, seconds: float) -> float:
        """`seconds`, or less where less is left."""
        return seconds if self.left is None else min(seconds, self.left)

    def check(self, *, doing: str, next: str = "") -> None:  # noqa: A002
        """Raises WaitedTooLong once nothing is left. `doing` completes "waited 30 s for ..."."""
        if self.left == 0.0:
            raise WaitedTooLong(f"waited {self.seconds:g} s for {doing}", next=next or "give it longer with --timeout")

    def sleep(self, seconds: float) -> None:
        """Sleep, but not past the end."""
        time.sleep(self.at_most(seconds))
