"""The container's loop: every case found under the input is reconstructed and written under the output, bad ones are named."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.cine.io import Scan, UnreadableScan, find_scans, read_scan, write_image

Method = Callable[[Scan], NDArray[np.float32]]


def available_cpus() -> int:
    """Threads worth starting: OMP_NUM_THREADS if set, else the container's share of the machine."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    cpus = len(os.sched_getaffinity(0))
    share = Path("/sys/fs/cgroup/cpu.max")
    # `docker run --cpus 2` is a share of time: all cores stay visible
    if share.exists():
        quota, period = share.read_text().split()
        if quota != "max":
            cpus = min(cpus, max(1, round(int(quota) / int(period))))
    return cpus


def each_case(
    paths: Sequence[Path],
    *,
    source: Path,
    work: Callable[[Path], None],
    refused: type[Exception],
    wanted: str,
) -> int:
    """Run `work` on every file; returns the process's exit code.

    One line a case on stdout. A case that raises `refused`, ValueError or RuntimeError is named on stderr and left out.
    Returns 0 when at least one case was done, 1 when all failed, 2 when there was none; `wanted` says what was looked for.
    """
    if not paths:
        print(f"no case {wanted} below {source}", file=sys.stderr)
        return 2
    done = 0
    for number, path in enumerate(paths, start=1):
        name, start = path.relative_to(source), time.monotonic()
        try:
            work(path)
        except (refused, ValueError, RuntimeError) as error:
            print(f"[{number}/{len(paths)}] {name} FAILED: {error}", file=sys.stderr, flush=True)
            continue
        done += 1
        print(f"[{number}/{len(paths)}] {name} {time.monotonic() - start:.1f} s", flush=True)
    return 0 if done else 1


def reconstruct_all(*, method: Method, source: Path, target: Path) -> int:
    """Run `method` (a scan in, (frame, slice, y, x) magnitude out) over all cases; returns the process's exit code."""

    def one(path: Path) -> None:
        write_image(path=target / path.relative_to(source), image=method(read_scan(path)))

    wanted = "{Multi,Single}Coil/{Cine,Mapping}/<set>/AccFactorNN/Pxxx/*.mat"
    return each_case(find_scans(source), source=source, work=one, refused=UnreadableScan, wanted=wanted)


def arguments() -> argparse.ArgumentParser:
    """/input and /output as the challenge mounts them, unless told otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", type=Path, default=Path("/input"))
    parser.add_argument("--output", type=Path, default=Path("/output"))
    return parser


def main(make_method: Callable[[], Method]) -> None:
    """Command line of every infer.py."""
    options = arguments().parse_args()
    sys.exit(reconstruct_all(method=make_method(), source=options.input, target=options.output))
