"""Whether anybody in a container that lives can still write to its stdout.

The engine tells the end of stdout only with the end of the container: its own init holds the other end of the pipe open. So the
container's processes are looked at, where the worker can see them: as root, in the machine's own pid namespace.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def is_given_up(*, processes: Iterable[int], init: int, proc: Path = Path("/proc")) -> bool:
    """True when processes live besides `init`, and none of them holds init's stdout under any descriptor.

    processes: ids of all of the container's, as the kernel tells them here. False where that cannot be seen.
    """
    alive = False
    try:
        stdout = (proc / str(init) / "fd" / "1").readlink()
        for process in processes:
            folder = proc / str(process)
            if process == init:
                continue
            if stdout in _held(folder / "fd"):
                return False
            # in this order: one that is ending has lost its program before its descriptors
            alive = _has_program(folder / "exe") or alive
    except OSError:
        return False
    return alive


def _held(folder: Path) -> set[Path]:
    """What the descriptors of a process point to."""
    held: set[Path] = set()
    # a process may end, and a descriptor be closed, while they are listed
    with suppress(FileNotFoundError, ProcessLookupError):
        for descriptor in folder.iterdir():
            with suppress(FileNotFoundError):
                held.add(descriptor.readlink())
    return held


def _has_program(link: Path) -> bool:
    """Not so of one that is ending or gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        link.readlink()
        return True
    return False
