"""Ours beside its peers in one process: interleaved runs on the same arrays, medians, agreement checked beside the ratio."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
_PEAK = "\nprint('\\npeak', next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"


class Disagreement(Exception):
    """Ours and its peer give different results: a ratio between them would mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do the work; `run` does the whole of it and returns the result."""

    name: str
    run: Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: ours against one peer, or against a limit in `unit`."""

    work: str
    peer: str
    threads: int
    #: medians; in `unit` where that is not seconds
    ours_s: float
    peer_s: float
    #: peer over ours: above 1 is faster, or below the limit
    ratio: float
    wanted: float
    agreement: str
    unit: str = "s"

    @property
    def met(self) -> bool:
        """Whether the wanted ratio was reached."""
        return self.ratio >= self.wanted


def compare(
    *,
    work: str,
    ours: Contender,
    peers: Sequence[tuple[Contender, float]],
    agreement: Callable[[Any, Any], str],
    threads: int,
    runs: int = 5,
) -> list[Row]:
    """A row a peer: medians of `runs` rounds, in each of which ours and every peer run once, one after the other.

    peers: with the wanted ratio. agreement: (our result, the peer's) of the last round to what stands in the table; it
    raises Disagreement where they differ too much. threads: processor cores and pool threads that all of them get.
    """
    contenders = [ours, *(peer for peer, _ in peers)]
    times: list[list[float]] = [[] for _ in contenders]
    results: list[Any] = [None] * len(contenders)
    with use_threads(threads):
        ours.run()  # loads compiled kernels; a peer's first run is one of its rounds, and the median forgives it
        for _ in range(runs):
            for place, contender in enumerate(contenders):
                results[place] = None  # two results of one contender are never held at once
                start = perf_counter()
                results[place] = contender.run()
                times[place].append(perf_counter() - start)
    mine, *theirs = map(median, times)
    return [
        Row(
            work=work,
            peer=peer.name,
            threads=threads,
            ours_s=mine,
            peer_s=seconds,
            ratio=seconds / mine,
            wanted=wanted,
            agreement=agreement(results[0], result),
        )
        for (peer, wanted), seconds, result in zip(peers, theirs, results[1:], strict=True)
    ]


def within_limit(
    *, work: str, measured: float, limit: float, threads: int = 1, unit: str = "s", agreement: str = "-"
) -> Row:
    """A row for a promise that has no peer: so many seconds, so much memory."""
    return Row(
        work=work,
        peer="limit",
        threads=threads,
        ours_s=measured,
        peer_s=limit,
        ratio=limit / measured,
        wanted=1.0,
        agreement=agreement,
        unit=unit,
    )


def difference(ours: Any, peer: Any, *, within: float) -> float:
    """Largest absolute difference of two arrays or numbers of one shape. Raises Disagreement above `within`, or for NaN."""
    mine, theirs = np.asarray(ours, dtype=np.float64), np.asarray(peer, dtype=np.float64)
    if mine.shape != theirs.shape:
        raise Disagreement(f"shapes differ: {mine.shape} and {theirs.shape}")
    largest = float(np.abs(mine - theirs).max(initial=0.0))
    if not largest <= within:
        raise Disagreement(f"results differ by {largest:.3g}, more than {within:.3g}")
    return largest


def memory(code: str, *, threads: int = 1) -> float:
    """Peak resident memory, in GiB, of a fresh Python that runs `code` from the project's root."""
    with use_threads(threads):
        done = subprocess.run(
            [sys.executable, "-c", code + _PEAK], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
    return int(done.stdout.rsplit(maxsplit=1)[-1]) / 2**20


@contextmanager
def use_threads(threads: int) -> Iterator[None]:
    """So many cores for this process and its children, so many threads for numba's, OpenMP's, BLAS' and torch's pools."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:threads])
    if "numba" in sys.modules:
        import numba

        numba.set_num_threads(threads)
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(threads)
    try:
        with threadpool_limits(limits=threads):
            yield
    finally:
        os.sched_setaffinity(0, before)


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    head = ["work", "threads", "peer", "ours", "peer's", "ratio", "wanted", "", "agreement"]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        digits = 4 if row.ours_s < 0.1 else 3
        lines.append(
            [
                row.work,
                str(row.threads),
                row.peer,
                f"{row.ours_s:.{digits}f} {row.unit}",
                f"{row.peer_s:.{digits}f} {row.unit}",
                f"{row.ratio:.2f}x",
                f"{row.wanted:g}x",
                "met" if row.met else "MISSED",
                row.agreement,
            ]
        )
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(*groups: Callable[[], list[Row]]) -> None:
    """`python -m tests.benchmarks.bench_x`: print the table of one file."""
    for group in groups:
        sys.stdout.write(table(group()))
