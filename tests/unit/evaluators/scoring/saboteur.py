"""Put beside the scorer as sitecustomize.py: harms its process where it opens a file that harm.json of the outputs names.

harm.json: {sha256 of a file: name of a function here}. What a fault inside a library would do, at a known place.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

_TO_THE_BRIM = 2**40
_SHA256 = re.compile(r"[0-9a-f]{64}")


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def error() -> None:
    raise RuntimeError("a fault in a reader")


def hang() -> None:
    while True:
        time.sleep(0.05)


def hang_in_company() -> None:
    """For as long as another case is being scored."""
    parent = os.getppid()
    while len(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()) > 1:
        time.sleep(0.05)


def bomb() -> None:
    """Heap, until it is refused."""
    hoard: list[bytearray] = []
    while len(hoard) < _TO_THE_BRIM // 2**24:
        hoard.append(bytearray(2**24))


def flood() -> None:
    """Memory that no limit of a process counts: only the container's own stops it."""
    hoard: list[mmap.mmap] = []
    while len(hoard) < _TO_THE_BRIM // 2**24:
        hoard.append(mmap.mmap(-1, 2**24))
        for place in range(0, 2**24, mmap.PAGESIZE):
            hoard[-1][place] = 1


def killed() -> None:
    """As the kernel does where memory is out."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_in_company() -> None:
    parent = os.getppid()
    if len(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()) > 1:
        killed()


def _while_measuring(harm: Any) -> None:
    case = sys.modules["evaluators.scoring.case"]
    measure = case.measure

    def harmed(**arguments: Any) -> Any:
        harm()
        return measure(**arguments)

    case.measure = harmed  # type: ignore[attr-defined]


def crash_later() -> None:
    _while_measuring(crash)


def bomb_later() -> None:
    _while_measuring(bomb)


def dawdle_later() -> None:
    _while_measuring(lambda: time.sleep(1.0))


def _outputs() -> Path:
    words = sys.argv
    return Path(words[words.index("--outputs") + 1] if "--outputs" in words else "/outputs")


def _on(event: str, given: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(given[0], str) and _SHA256.fullmatch(given[0]):
        plan = _outputs() / "harm.json"
        if plan.exists() and (harm := json.loads(plan.read_text()).get(given[0])):
            globals()[harm]()


sys.addaudithook(_on)
