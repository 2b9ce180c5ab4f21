"""One target under atheris, in the process that `run.py` starts for it: python -m tests.fuzz.one NAME FOLDER [libFuzzer's flags].

An exception is noted, its input kept, and fuzzing goes on; a crash, a hang or too much memory ends the process, and
libFuzzer keeps the input. What was done so far stands in FOLDER/progress, whatever ends us.
"""

from __future__ import annotations

import hashlib
import mmap
import resource
import sys
import time
import traceback
from pathlib import Path

import atheris

from tests.fuzz.progress import PROGRESS

#: above what Python and the libraries have mapped when fuzzing begins
_MEMORY = 2**30
_SLOW = 0.05

with atheris.instrument_imports(include=["evaluators.readers"]):
    from tests.fuzz.targets import TARGETS, Contained


class _Watch:
    """Runs the target and counts."""

    def __init__(self, name: str, folder: Path) -> None:
        self._run = TARGETS[name].run
        self._folder = folder
        path = folder / "progress"
        if not path.exists():
            path.write_bytes(bytes(PROGRESS.size))
        with path.open("r+b") as file:
            self._progress = mmap.mmap(file.fileno(), PROGRESS.size)
        self._done, self._spent, self._slowest, self._contained = PROGRESS.unpack(self._progress)

    def __call__(self, content: bytes) -> None:
        start = time.perf_counter()
        try:
            self._run(content)
        except Contained:
            self._contained += 1
            self._keep("contained", content)
        except Exception as error:  # noqa: BLE001 - what no reader may raise is what we look for
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._keep(f"exception-{type(error).__name__}-{Path(where.filename).stem}-{where.lineno}", content)
        seconds = time.perf_counter() - start
        self._done += 1
        self._spent += seconds
        if seconds > self._slowest:
            self._slowest = seconds
            if seconds > _SLOW:
                self._keep("slowest", content)
        PROGRESS.pack_into(self._progress, 0, self._done, self._spent, self._slowest, self._contained)

    def _keep(self, name: str, content: bytes) -> None:
        (self._folder / "found" / name).write_bytes(content)
        if name.startswith("exception"):
            with (self._folder / "found" / f"{name}.txt").open("a") as log:
                log.write(f"{hashlib.sha256(content).hexdigest()}\n{traceback.format_exc()}\n")


def main(name: str, folder: Path, flags: list[str]) -> None:
    """Does not come back: libFuzzer ends the process."""
    watch = _Watch(name, folder)
    watch(b"")  # what readers load at first use is loaded
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + _MEMORY, mapped + _MEMORY))
    atheris.Setup([sys.argv[0], *flags], watch)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
