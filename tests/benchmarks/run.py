"""`make bench`: every bench_*.py in a process of its own, one table of all; RESULTS.md keeps it when all of them were run.

python -m tests.benchmarks.run           all, and writes RESULTS.md
python -m tests.benchmarks.run ssim      bench_ssim.py alone, printed
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.harness import ROOT, Row, table

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
#: what a number depends on besides the peers that compose/bench-requirements.txt pins
_PACKAGES = (
    *("numpy", "scipy", "numba", "h5py"),
    *("scikit-image", "scikit-learn", "monai", "torch"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 when a bench file failed; a missed ratio is told in the table and fails nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="names without bench_, such as ssim")
    parser.add_argument("--rows-of", metavar="NAME", help="run this one here and print its rows as JSON")
    asked = parser.parse_args(arguments)
    if asked.rows_of:
        return _run_here(asked.rows_of)
    there = [path.stem.removeprefix("bench_") for path in sorted(HERE.glob("bench_*.py"))]
    if unknown := sorted(set(asked.only) - set(there)):
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(there)}")
    started, load = datetime.now(UTC), os.getloadavg()[0]
    rows: list[Row] = []
    failed: list[str] = []
    for name in asked.only or there:
        sys.stderr.write(f"bench_{name}.py\n")
        found = _run_apart(name)
        if found is None:
            failed.append(name)
        else:
            rows += found
    text = "\n".join([_head(started=started, load=load), table(rows), _failures(failed)])
    sys.stdout.write(text)
    if not asked.only:
        RESULTS.write_text(text.rstrip() + "\n")
    return 1 if failed else 0


def _run_here(name: str) -> int:
    # lines of ours alone may reach the parent: whatever a peer prints goes to stderr
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    rows = importlib.import_module(f"tests.benchmarks.bench_{name}").rows()
    channel.write(json.dumps([asdict(row) for row in rows]))
    channel.close()
    return 0


def _run_apart(name: str) -> list[Row] | None:
    """Its rows; None when it failed, with its own words on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.run", "--rows-of", name],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(f"bench_{name}.py failed with exit code {done.returncode}\n")
        return None
    return [Row(**row) for row in json.loads(done.stdout)]


def _head(*, started: datetime, load: float) -> str:
    pinned = [line.partition("==")[0] for line in (ROOT / "compose" / "bench-requirements.txt").read_text().split("\n")]
    peers = [name for name in pinned if name and not name.startswith("#")]
    versions = ", ".join(f"{name} {version(name)}" for name in [*_PACKAGES, *peers])
    return (
        "# Times beside those of the field's tools\n\n"
        f"Written by `make bench` on {started:%Y-%m-%d %H:%M} UTC. {_machine()}. "
        f"One-minute load at the start: {load:.1f}.\n"
        "Medians of 5 rounds unless the work says otherwise; in a round ours and every peer run once, one after the "
        "other, on the same arrays.\n"
        "Ratio: the peer's time over ours, or a limit over what was measured. One thread means one core, for both.\n\n"
        f"Python {sys.version.split()[0]}; {versions}.\n"
    )


def _machine() -> str:
    facts = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.split(":", 1)[1].strip() for line in facts if line.startswith("model name")), "unknown processor"
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores ({model}), {memory:.0f} GiB"


def _failures(failed: Sequence[str]) -> str:
    return "".join(f"bench_{name}.py FAILED: its rows are missing here.\n" for name in failed)


if __name__ == "__main__":
    sys.exit(main())
