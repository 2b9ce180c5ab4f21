"""The container's loops: over every case that lies under the input, or over those that it is asked for one at a time.

Which of the two is decided by how the container is started. A task in per_case mode starts it with its stdin open and asks there:
a line such as {"case": 1, "inputs": ["P001/cine_sax.mat"], "output": "P001/cine_sax.mat"}, answered by {"done": 1} on stdout. Where
nobody asks, it runs over all cases.
"""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TextIO

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
    wanted: str,
) -> int:
    """Run `work` on every file; returns the process's exit code.

    One line a case on stdout. A case that raises anything is named on stderr and left out: the others still count.
    Returns 0 when at least one case was done, 1 when all failed, 2 when there was none; `wanted` says what was looked for.
    """
    if not paths:
        print(f"no case {wanted} below {source}", file=sys.stderr)
        return 2
    done = 0
    for number, path in enumerate(paths, start=1):
        label, start = f"[{number}/{len(paths)}] {path.relative_to(source)}", time.monotonic()
        if _succeeds(partial(work, path), label=label):
            done += 1
            print(f"{label} {time.monotonic() - start:.1f} s", flush=True)
    return 0 if done else 1


def _succeeds(work: Callable[[], None], *, label: str) -> bool:
    """Run `work`; what it raises is told on stderr."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever a file holds, it must not cost the cases after it
        print(f"{label} FAILED: {error} ({type(error).__name__})", file=sys.stderr, flush=True)
        return False
    return True


def reconstruct_one(*, method: Method, scan: Path, output: Path) -> None:
    """Run `method` (a scan in, (frame, slice, y, x) magnitude out) on one file. Raises UnreadableScan."""
    image = method(read_scan(scan))
    if not np.isfinite(image).all():
        raise UnreadableScan("no finite image comes of it; its numbers are too large, or its ACS lines are missing")
    write_image(path=output, image=image)


def reconstruct_all(*, method: Method, source: Path, target: Path) -> int:
    """Run `method` over all cases; returns the process's exit code."""

    def one(path: Path) -> None:
        reconstruct_one(method=method, scan=path, output=target / path.relative_to(source))

    wanted = "{Multi,Single}Coil/{Cine,Mapping}/<set>/AccFactorNN/Pxxx/*.mat"
    return each_case(find_scans(source), source=source, work=one, wanted=wanted)


def reconstruct_asked(*, method: Method, source: Path, target: Path, questions: Iterable[str], answers: TextIO) -> int:
    """Run `method` on the case of every question; returns the process's exit code, 2 at a line that is no question.

    A case that fails is named on stderr and answered all the same: its file is missing, and the cases after it still count.
    """
    for line in questions:
        try:
            question = json.loads(line)
            number, scan, output = question["case"], question["inputs"][0], question["output"]
            work = partial(reconstruct_one, method=method, scan=source / scan, output=target / output)
        except (ValueError, LookupError, TypeError) as error:
            told = f"{line.strip()[:200]!r} is no question of per_case mode ({type(error).__name__}: {error})"
            print(told, file=sys.stderr, flush=True)
            return 2
        _succeeds(work, label=f"case {number}, {scan}")
        print(json.dumps({"done": number}), file=answers, flush=True)
    return 0


def arguments() -> argparse.ArgumentParser:
    """/input and /output as the challenge mounts them, unless told otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", type=Path, default=Path("/input"))
    parser.add_argument("--output", type=Path, default=Path("/output"))
    return parser


def main(make_method: Callable[[], Method], *, options: argparse.Namespace | None = None) -> None:
    """What every infer.py ends with. options: of `arguments()` with a method's own, where it has some."""
    options = options or arguments().parse_args()
    method = make_method()
    first = _first_question()
    if not first:
        sys.exit(reconstruct_all(method=method, source=options.input, target=options.output))
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        # on stdout may stand nothing but answers, whatever a library prints
        os.dup2(2, 1)
        asked = chain([first], sys.stdin)
        sys.exit(
            reconstruct_asked(
                method=method, source=options.input, target=options.output, questions=asked, answers=answers
            )
        )


def _first_question() -> str:
    """The first line on stdin, empty where nobody asks: stdin is closed, empty, a terminal or /dev/null."""
    if sys.stdin is None or stat.S_ISCHR(os.fstat(0).st_mode):
        return ""
    print("stdin is open: waiting for the first case; with </dev/null all cases are run", file=sys.stderr, flush=True)
    return sys.stdin.readline()
