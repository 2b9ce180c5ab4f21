"""`make test`: two lanes side by side, since one waits for the engine while the other computes.

`code`: unit tests, then the site's once more on PostgreSQL. `engine`: everything that needs the container engine or a browser.
Each lane has a folder of its own for the site's files; a lane's output is printed whole when it fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from compose.native import ROOT

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
LANES: dict[str, list[list[str]]] = {
    "code": [
        [*PYTEST, "tests/unit"],
        [sys.executable, "-m", "compose.on_postgres", *PYTEST, "tests/unit/assay"],
    ],
    "engine": [[*PYTEST, "tests/integration", "tests/e2e"]],
}
#: lines of a good run's output that are worth reading
CLOSING = 3


@dataclass(frozen=True, kw_only=True)
class Ended:
    """One command of a lane."""

    command: list[str]
    code: int
    seconds: float
    log: Path


def run_lane(name: str, folder: Path) -> list[Ended]:
    """Run a lane's commands one after the other; the rest is left out after a failure."""
    ended: list[Ended] = []
    for number, command in enumerate(LANES[name]):
        log = ROOT / "var" / "log" / f"test-{name}-{number}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        with log.open("wb") as file:
            code = subprocess.run(
                [*command, f"--basetemp={folder / f'tmp{number}'}"],
                cwd=ROOT,
                env={**os.environ, "ASSAY_VAR": str(folder / "site")},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        ended.append(Ended(command=command, code=code, seconds=time.monotonic() - start, log=log))
        if code:
            break
    return ended


def main() -> int:
    """0 when every lane passed."""
    folder = Path(tempfile.mkdtemp(prefix="assay-test-"))
    failed = False
    try:
        with ThreadPoolExecutor() as pool:
            running = {name: pool.submit(run_lane, name, folder / name) for name in LANES}
            for name, lane in running.items():
                for one in lane.result():
                    failed = failed or one.code != 0
                    _show(name, one)
    finally:
        # not shutil: a test that fails half-way may leave a tree deeper than Python recurses
        subprocess.run(["rm", "-rf", str(folder)], check=False)
    return 1 if failed else 0


def _show(name: str, ended: Ended) -> None:
    lines = ended.log.read_text(errors="replace").splitlines()
    print(f"--- {name}: {' '.join(ended.command[1:])} · {ended.seconds:.0f} s", flush=True)
    print("\n".join(lines if ended.code else lines[-CLOSING:]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
