"""Puts a worker together and runs its loop: wait for a ring or the tick, claim until there is nothing, tidy."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import structlog

from evaluators.contract.catalogue import catalogue
from evaluators.contract.jobs import ClaimRequest
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import Sandbox
from evaluators.worker.attempt import Bench, attempt
from evaluators.worker.cache import Cache
from evaluators.worker.doorbell import Doorbell
from evaluators.worker.errors import SiteRefused, SiteUnreachable, WorkerError
from evaluators.worker.journal import Journal
from evaluators.worker.listen import start_listening
from evaluators.worker.outputs import OutputStore
from evaluators.worker.settings import WorkerSettings
from evaluators.worker.site_client import SiteClient
from evaluators.worker.tidy import tidy_at_start, tidy_between

log = structlog.get_logger()

#: on the scorer image: the catalogue's hash of the code inside it
SCORER_LABEL = "assay.scorer"


class AlreadyRunning(WorkerError):
    """Another worker uses this work root; give this one a folder of its own with --work-root."""


def run(
    *,
    site: str,
    token: str,
    name: str,
    hardware: str,
    work_root: Path,
    poll: bool = False,
    broker: str | None = None,
    once: bool = False,
) -> int:
    """Run one worker until SIGTERM or SIGINT (which let the current evaluation end). Returns the exit code."""
    settings = WorkerSettings(
        site=site,
        token=token,
        name=name,
        hardware=hardware,
        work_root=work_root.resolve(),
        broker=None if poll else broker,
        once=once,
    )
    doorbell = Doorbell()
    should_stop = _stop_on_signal(doorbell)
    try:
        with (
            closing(DockerSandbox(work_root=settings.work_root)) as sandbox,
            bench_of(settings=settings, sandbox=sandbox) as bench,
        ):
            if settings.broker:
                start_listening(broker=settings.broker, hardware=hardware, name=name, doorbell=doorbell)
            work(bench=bench, doorbell=doorbell, should_stop=should_stop)
    except (EngineFailure, AlreadyRunning) as error:
        log.error("cannot work", reason=str(error))
        return 7
    except SiteRefused as error:
        log.error("the site refuses this worker", reason=str(error))
        return 4 if error.status in {401, 403} else 7
    return 0


@contextmanager
def bench_of(*, settings: WorkerSettings, sandbox: Sandbox) -> Iterator[Bench]:
    """Everything an attempt needs, opened and closed in order. Raises AlreadyRunning, EngineFailure."""
    root = settings.work_root
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)
    with (root / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(f"{root} is in use by another worker") from error
        facts = sandbox.facts()
        # this very image from now on: a tag may be moved to another release while the worker lives
        scorer = sandbox.own_image(name=settings.scorer_image)
        if scorer.labels.get(SCORER_LABEL) != catalogue().scorer:
            raise EngineFailure(f"{settings.scorer_image} is of another release; run `make images`")
        client = SiteClient(site=settings.site, token=settings.token)
        journal = Journal(path=root / "journal.sqlite3")
        try:
            yield Bench(
                settings=settings,
                identity=f"{settings.name}-{_root_identity(root)}",
                sandbox=sandbox,
                client=client,
                journal=journal,
                cache=Cache(root=root / "cache", limit=settings.cache_bytes),
                store=OutputStore(root=root / "outputs"),
                facts=facts,
                scorer=scorer,
            )
        finally:
            journal.close()
            client.close()


def work(*, bench: Bench, doorbell: Doorbell, should_stop: Callable[[], bool]) -> None:
    """The loop. `should_stop` says whether to end after the current evaluation."""
    tidy_at_start(bench=bench)
    last_tidy = time.monotonic()
    rings = 0
    while not should_stop():
        found = _claim_and_attempt(bench=bench)
        if found:
            continue
        doorbell.answer(rings)
        if bench.settings.once:
            return
        if time.monotonic() - last_tidy > bench.settings.tidy_every:
            tidy_between(bench=bench)
            last_tidy = time.monotonic()
        rings = doorbell.wait(seconds=bench.settings.tick)
    doorbell.answer(rings)


def _claim_and_attempt(*, bench: Bench) -> bool:
    settings = bench.settings
    request = ClaimRequest(
        hardware=settings.hardware, scorer=catalogue().scorer, facts={**bench.facts.as_text(), "name": settings.name}
    )
    try:
        job = bench.client.claim(request)
    except SiteUnreachable as error:
        log.warning("no answer to the claim", reason=str(error))
        return False
    if job is None:
        return False
    attempt(bench=bench, job=job)
    return True


def _stop_on_signal(doorbell: Doorbell) -> Callable[[], bool]:
    asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            # asked twice: the engine's leftovers and the open attempt are cleared at the next start
            os._exit(130)
        asked = True
        log.info("draining: the current evaluation ends first; ask again to stop at once")
        doorbell.wake()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return lambda: asked


def _root_identity(root: Path) -> str:
    """A name for this work root: two workers of one name must never clear each other's containers away."""
    path = root / "identity"
    if not path.exists():
        path.write_text(uuid4().hex[:8])
    return path.read_text().strip()
