"""The scorer as the worker runs it: two processes beside one, start to first score, peak memory. `python -m tests.benchmarks.bench_scorer`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from evaluators.contract.cases import JobCase
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.sandbox.interface import ScorerLimits
from evaluators.worker.settings import scorer_image
from tests.benchmarks.harness import ROOT, Contender, Disagreement, Row, compare, main, within_limit
from tests.golden.pictures import cine
from tests.unit.evaluators.readers.files import write_v73
from tests.unit.evaluators.scoring.store import Store, results
from tests.unit.evaluators.tasks.specs import BY_OWN_MAXIMUM, reconstruction_task

#: x, y, slices, frames of a full cine volume
CINE = (512, 246, 10, 12)
CASES = 16
TASK = reconstruction_task(
    metrics=[{"metric": key, **BY_OWN_MAXIMUM, "region": "full"} for key in ("ssim", "psnr", "nmse")]
)
#: as evaluators/sandbox starts it
CONTAINER = [
    "docker",
    "run",
    "--rm",
    "-i",
    "--network=none",
    "--read-only",
    "--cap-drop=ALL",
    "--cap-add=DAC_READ_SEARCH",
    "--security-opt=no-new-privileges",
    "--cpus=2",
    "--memory=4g",
    "--tmpfs=/tmp:rw,exec,size=256m",
]
_LOOK_EVERY = 0.02


def rows() -> list[Row]:
    """Throughput, start, memory."""
    with tempfile.TemporaryDirectory() as folder:
        store = _cine_store(Path(folder) / "cine")
        small = Store(Path(folder) / "small", key=None)
        small.fill(1)
        return [*_throughput(store), _start(small), *_peaks(store)]


def _throughput(store: Store) -> list[Row]:
    def run(cores: int) -> dict[int, Any]:
        return results(_lines(store, job=_job(store, cases=CASES, cores=cores)))

    def same(two: dict[int, Any], one: dict[int, Any]) -> str:
        if two != one or len(one) != CASES:
            raise Disagreement("two processes give other values than one")
        return "identical"

    return compare(
        work=f"{CASES} cine volumes {'x'.join(map(str, CINE))} through the scorer, its start included",
        ours=Contender(name="two processes", run=lambda: run(2)),
        peers=[(Contender(name="ours, one process", run=lambda: run(1)), 1.5)],
        agreement=same,
        threads=2,
        runs=3,
    )


def _start(store: Store) -> Row:
    mounts = [f"-v={store.outputs}:/outputs:ro", f"-v={store.references}:/references:ro"]
    command = [*CONTAINER, *mounts, scorer_image()]
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        with _scorer(command, job=store.job()) as process:
            assert process.stdout is not None
            next(line for line in process.stdout if '"result"' in line)
            seconds.append(time.perf_counter() - start)
    return within_limit(
        work="scorer image, `docker run` to first score", measured=median(seconds), limit=3.0, threads=2
    )


def _peaks(store: Store) -> Iterator[Row]:
    for cores, what in ((1, "one cine volume"), (2, "two cine volumes at once")):
        looks: list[float] = []
        with _scorer(_command(store), job=_job(store, cases=2 * cores, cores=cores)) as process:
            watch = threading.Thread(target=_look, kwargs={"process": process, "looks": looks})
            watch.start()
            assert process.stdout is not None
            process.stdout.read()
            watch.join()
        yield within_limit(
            work=f"peak memory of the scorer, {what}, all its processes",
            measured=max(looks),
            limit=1.2,
            threads=cores,
            unit="GiB",
        )


def _cine_store(folder: Path) -> Store:
    store = Store(folder, key=None)
    prediction, reference = cine(CINE, seed=1)
    file = write_v73(folder / "written.mat", prediction)
    store.add(prediction=file.read_bytes(), reference=np.asfortranarray(reference))
    file.unlink()
    return store


def _job(store: Store, *, cases: int, cores: int) -> ScorerJob:
    (case,) = store.cases
    repeated: tuple[JobCase, ...] = tuple(case.model_copy(update={"index": index}) for index in range(cases))
    return store.job(cores=cores, memory=ScorerLimits().memory).model_copy(update={"task": TASK, "cases": repeated})


def _command(store: Store) -> list[str]:
    return [
        *(sys.executable, "-m", "evaluators.scoring"),
        *("--outputs", str(store.outputs), "--references", str(store.references)),
    ]


def _lines(store: Store, *, job: ScorerJob) -> list[ScorerLine]:
    with _scorer(_command(store), job=job) as process:
        assert process.stdout is not None
        return [ScorerLine.model_validate_json(line) for line in process.stdout]


@contextmanager
def _scorer(command: Sequence[str], *, job: ScorerJob) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(job.model_dump_json() + "\n")
    process.stdin.close()
    yield process
    if process.wait() != 0:
        raise RuntimeError(f"the scorer ended with exit code {process.returncode}")


def _look(*, process: subprocess.Popen[str], looks: list[float]) -> None:
    """GiB of the process and its children, pages that they share counted once, until it ends."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        try:
            held = [process.pid, *map(int, children.read_text().split())]
            looks.append(sum(map(_share, held)) / 2**20)
        except OSError:  # one of them has just ended
            continue
        time.sleep(_LOOK_EVERY)


def _share(pid: int) -> int:
    """Proportional set size in KiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) for line in rollup if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main(rows)
