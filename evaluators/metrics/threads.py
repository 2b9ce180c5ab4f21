"""How many threads a compiled loop may take, and the one way to share pictures or pixels among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from os import sched_getaffinity

import numba

_chosen: ContextVar[int | None] = ContextVar("threads", default=None)


@contextmanager
def use_threads(threads: int) -> Iterator[None]:
    """Loops that are started inside take at most so many threads. Raises ValueError below 1."""
    if threads < 1:
        raise ValueError(f"a loop needs a thread or more, not {threads}")
    before = _chosen.set(threads)
    try:
        yield
    finally:
        _chosen.reset(before)


def threads_to_use() -> int:
    """What `use_threads` says, else NUMBA_NUM_THREADS, never more than the process has cores.

    The scorer sets that variable to a process's share of the cores. numba's own pool is not asked: it would be started
    by the question, and its threads do not live through the scorer's fork.
    """
    set_for_numba: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    return max(1, min(_chosen.get() or set_for_numba, len(sched_getaffinity(0))))


def share(work: Callable[[int, int], None], *, count: int) -> None:
    """work(start, stop) over range(count), cut into one run of neighbours a thread. Loops must let go of the GIL."""
    threads = min(threads_to_use(), count)
    if threads <= 1:
        work(0, count)
        return
    ends = [count * place // threads for place in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        # list: an error in a thread is raised here
        list(pool.map(work, ends[:-1], ends[1:]))
