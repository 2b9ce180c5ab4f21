"""A board of 2,006 methods on 300 cases: from stored scores to the first byte, beside a static file from the same server.
`var/bench/venv/bin/python -m tests.benchmarks.bench_board`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from time import perf_counter, sleep

from tests.benchmarks.board_site import ADDRESS, METHODS
from tests.benchmarks.harness import ROOT, Row, main, memory, use_threads, within_limit

_BOARD = f"/c/{ADDRESS}/board"
_ROUNDS = 200
_COMPUTE = """
from tests.benchmarks.board_site import main
main("compute")
"""
_JUDGE = """
from tests.benchmarks.board_site import main
main("judge")
"""


def rows() -> list[Row]:
    """Computing, judging, and both kinds of first byte: of a page that is kept, and of one that nobody asked for before."""
    with tempfile.TemporaryDirectory() as folder, use_threads(1):
        # the site's own process reads where it lies
        os.environ["ASSAY_VAR"] = folder
        _run("fill")
        work = f"board of {METHODS:,} methods x 300 cases x 3 metrics"
        found = [
            within_limit(work=f"{work}: means, ranks, intervals of 1,000 draws", measured=_run("compute"), limit=3.0),
            within_limit(work="the same, peak memory", measured=memory(_COMPUTE), limit=500 / 1024, unit="GiB"),
            within_limit(
                work="the site worker's job: the board and its 5 strata, with groups of the first 300, peak memory",
                measured=memory(_JUDGE),
                limit=1.0,
                unit="GiB",
            ),
        ]
        with _served(folder) as site:
            bodies = {form: _get(site, _BOARD + form)[1] for form in ("", ".json")}
        static = Path(folder) / "static" / "bench"
        static.mkdir(parents=True)
        for form, body in bodies.items():
            # of the same size as what is sent, and nothing to gain by packing it
            (static / f"board{form}.bin").write_bytes(os.urandom(len(body)))
        with _served(folder) as site:
            for form, name in (("", "page of 100 rows"), (".json", "whole board as JSON")):
                found.append(
                    _beside_static(
                        site, form=form, work=f"{work}: {name}, kept, first byte p95", size=len(bodies[form])
                    )
                )
            fresh = [_get(site, f"{_BOARD}?find=method&page={page}")[0] for page in range(1, 21)]
            fresh += [_get(site, f"{_BOARD}?sort=-ssim&pin=Z{number:05d}")[0] for number in range(80)]
        found.append(
            within_limit(
                work=f"{work}: page nobody asked for before, first byte p95 of 100", measured=_p95(fresh), limit=0.150
            )
        )
    return found


def _beside_static(site: HTTPConnection, *, form: str, work: str, size: int) -> Row:
    """Ours and the static file in turn, so that what disturbs the machine disturbs both."""
    ours, static = [], []
    for _ in range(_ROUNDS):
        ours.append(_get(site, _BOARD + form)[0])
        static.append(_get(site, f"/static/bench/board{form}.bin")[0])
    mine, theirs = _p95(ours), _p95(static)
    return Row(
        work=work,
        peer=f"static file, {size / 1024:.0f} KiB",
        threads=1,
        ours_s=mine,
        peer_s=theirs,
        ratio=theirs / mine,
        wanted=0.5,
        agreement="-",
    )


def _get(site: HTTPConnection, address: str) -> tuple[float, bytes]:
    """(seconds to the first byte of the answer, the body as sent)."""
    start = perf_counter()
    site.request("GET", address, headers={"Accept-Encoding": "gzip"})
    answer = site.getresponse()
    seconds = perf_counter() - start
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return seconds, body


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def _run(verb: str) -> float:
    """What the verb printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.board_site", verb],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout or 0)


@contextmanager
def _served(folder: str) -> Iterator[HTTPConnection]:
    """The site as `make serve` starts it, and one connection to it."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "assay.config.wsgi:application", f"--bind=127.0.0.1:{port}"),
        *("--worker-class=gthread", "--workers=1", "--threads=32", "--keep-alive=60", "--no-control-socket"),
        *("--log-level=warning", "--pythonpath", str(ROOT / "platform")),
    ]
    site = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        _until(lambda: _get(connection, "/healthz"))
        yield connection
    finally:
        site.terminate()
        site.wait(timeout=30)


def _until(ready: Callable[[], object]) -> None:
    for _ in range(300):
        try:
            ready()
        except OSError:
            sleep(0.1)
        else:
            return
    raise RuntimeError("the site does not answer")


if __name__ == "__main__":
    main(rows)
