"""Where the minutes of a demo went: each step's seconds, told as it begins and once more at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Steps:
    """Seconds by step, those of `make` (set-up, engine, images) before our own."""

    def __init__(self, noted: Path) -> None:
        """noted: what compose/timed.sh wrote, a name and seconds a line; it need not exist."""
        self.seconds: dict[str, float] = {}
        if noted.exists():
            for line in noted.read_text(encoding="utf-8").splitlines():
                name, seconds = line.split("\t")
                self.seconds[name] = float(seconds)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block."""
        print(f"demo: {name} …", file=sys.stderr, flush=True)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 1)

    @property
    def together(self) -> float:
        """All of them."""
        return sum(self.seconds.values())
